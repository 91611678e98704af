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

-- name: park
with
dangling as materialized (
    select
        record_id,
        batch_id,
        source,
        resource_type,
        file_id,
        byte_offset,
        byte_length,
        string_agg(distinct element || ' to ' || target_type, ', ') as links
    from raw_ehr.dangling_reference
    where
        source = %(source)s
        and record_id > %(after)s
        and record_id <= %(newest)s
    group by
        record_id,
        batch_id,
        source,
        resource_type,
        file_id,
        byte_offset,
        byte_length
),
parked as (
    insert into ops.quarantined_record (
        batch_id, source, resource_type, class, locator, stage, message, owner,
        file_id, byte_offset, byte_length, due_at
    )
    select
        dangling.batch_id,
        dangling.source,
        dangling.resource_type,
        'ORDER_WAIT',
        file.name || '@' || dangling.byte_offset,
        'reference',
        dangling.resource_type
        || ' refers to what has not landed (' || dangling.links
        || '); it counts meanwhile, and this closes when it lands; '
        || 'when it is due, ask the sender to deliver it',
        %(owner)s,
        dangling.file_id,
        dangling.byte_offset,
        dangling.byte_length,
        %(due_at)s
    from dangling
    inner join raw_ehr.file as file on dangling.file_id = file.file_id
    returning quarantine_id, file_id, byte_offset
)
insert into raw_ehr.waiting_reference (quarantine_id, record_id)
select parked.quarantine_id, dangling.record_id
from parked
inner join dangling
    on
        parked.file_id = dangling.file_id
        and parked.byte_offset = dangling.byte_offset;

-- name: note_checked
insert into ops.source_state (source, key, value)
values (
    %(source)s,
    'references_checked',
    jsonb_build_object('batch_id', %(batch_id)s::bigint, 'record_id', %(newest)s::bigint)
)
on conflict (source, key) do update
set value = excluded.value, saved_at = clock_timestamp();

-- name: settle
-- What has arrived meanwhile, or is waited for no longer.
update ops.quarantined_record as known
set status = 'replayed'
from raw_ehr.waiting_reference as waiting
where
    known.quarantine_id = waiting.quarantine_id
    and known.status = 'open'
    and (
        select true from raw_ehr.dangling_reference as dangling
        where dangling.record_id = waiting.record_id
        limit 1
    ) is null;

-- name: count_waiting
select count(*)
from raw_ehr.waiting_reference as waiting
inner join ops.quarantined_record as known
    on waiting.quarantine_id = known.quarantine_id
where known.status = 'open';
