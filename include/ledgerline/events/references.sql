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

-- name: note_missing
-- Strictly, or elements of arrays would be found twice.
with said as (
    select
        record.resource_type,
        found.reference #>> '{}' as reference,
        count(*) as reference_count
    from raw_ehr.record as record
    inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
    cross join lateral
        jsonb_path_query(record.body, 'strict $.**.reference') as found (reference)
    where
        batch.source = %(source)s
        and record.record_id > %(after)s
        and record.record_id <= %(newest)s
    group by record.resource_type, found.reference
),

referred as (
    select
        said.resource_type,
        target.part[1] as target_type,
        target.part[2] as target_id,
        sum(said.reference_count) as reference_count
    from said
    cross join lateral
        regexp_match(
            said.reference,
            '^([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)(?:/_history/.*)?$'
        ) as target (part)
    where target.part is not null
    group by said.resource_type, target.part
)

insert into raw_ehr.missing_reference as known
select
    %(source)s,
    referred.resource_type,
    referred.target_type,
    referred.target_id,
    referred.reference_count
from referred
where
    not exists (
        select from raw_ehr.record as landed
        where
            landed.resource_type = referred.target_type
            and landed.resource_id = referred.target_id
    )
on conflict (target_type, target_id, source, resource_type) do update
set reference_count = known.reference_count + excluded.reference_count;

-- name: drop_found
delete from raw_ehr.missing_reference as missing
where
    exists (
        select from raw_ehr.record as landed
        where
            landed.resource_type = missing.target_type
            and landed.resource_id = missing.target_id
    );

-- name: missing
with counted as (
    select
        source,
        resource_type,
        target_type,
        sum(reference_count)::bigint as reference_count,
        count(*) as target_count
    from raw_ehr.missing_reference
    group by source, resource_type, target_type
)

select
    counted.*,
    exists (
        select from raw_ehr.record as landed
        where landed.resource_type = counted.target_type
    ) as is_delivered
from counted
order by counted.source, counted.resource_type, counted.target_type;
