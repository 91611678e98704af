-- name: sources_to_check
-- Where each source of the zone was read up to, if it has landed anything since.
select
    batch.source,
    max(batch.batch_id) filter (where batch.status <> 'running') as batch_id,
    max(coalesce((state.value ->> 'record_id')::bigint, 0)) as record_id
from ops.landing_batch as batch
left join ops.source_state as state
    on batch.source = state.source and state.key = 'references_checked'
where batch.zone = 'ehr'
group by batch.source
having
    max(batch.batch_id) > max(coalesce((state.value ->> 'batch_id')::bigint, 0));

-- name: newest
select coalesce(max(record.record_id), %(record_id)s)
from raw_ehr.record as record
inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
where record.record_id > %(record_id)s and batch.source = %(source)s;

-- name: dangling
select
    record_id,
    resource_type,
    string_agg(distinct element || ' to ' || target_type, ', ') as links
from raw_ehr.dangling_reference
where
    source = %(source)s
    and record_id > %(after)s
    and record_id <= %(newest)s
group by record_id, resource_type;

-- name: still_dangling
-- What was parked and leads to nothing still.
select
    known.record_id,
    known.resource_type,
    dangling.links
from ops.quarantined_record as known
cross join lateral (
    select string_agg(distinct element || ' to ' || target_type, ', ') as links
    from raw_ehr.dangling_reference
    where record_id = known.record_id
) as dangling
where
    known.zone = 'ehr'
    and known.stage = 'reference'
    and known.status = 'open'
    and dangling.links is not null;

-- name: note_checked
insert into ops.source_state (source, key, value)
values (
    %(source)s,
    'references_checked',
    jsonb_build_object('batch_id', %(batch_id)s::bigint, 'record_id', %(newest)s::bigint)
)
on conflict (source, key) do update
set value = excluded.value, saved_at = clock_timestamp();

-- name: count_waiting
select count(*)
from ops.quarantined_record
where zone = 'ehr' and stage = 'reference' and status = 'open';
