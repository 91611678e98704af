-- name: park
insert into ops.quarantined_record (
    batch_id, source, resource_type, class, locator, stage, message, owner,
    file_id, byte_offset, byte_length, record_id, due_at
)
select
    record.batch_id,
    batch.source,
    record.resource_type,
    %(class)s,
    file.name || '@' || record.byte_offset,
    %(stage)s,
    asked.message,
    %(owner)s,
    record.file_id,
    record.byte_offset,
    record.byte_length,
    record.record_id,
    coalesce(%(since)s, record.received_at) + %(patience)s
from unnest(%(record_ids)s::bigint [], %(messages)s::text []) as asked (
    record_id, message
)
inner join {zone}.record as record on asked.record_id = record.record_id
inner join {zone}.file as file on record.file_id = file.file_id
inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
on conflict (zone, stage, class, record_id) where status in ('open', 'dismissed')
do nothing;

-- name: say_again
update ops.quarantined_record as known
set message = asked.message
from unnest(%(record_ids)s::bigint [], %(messages)s::text []) as asked (
    record_id, message
)
where
    known.zone = %(zone)s
    and known.stage = %(stage)s
    and known.class = %(class)s
    and known.record_id = asked.record_id
    and known.status = 'open'
    and known.message <> asked.message;

-- name: settle
update ops.quarantined_record as known
set status = 'replayed'
where
    known.zone = %(zone)s
    and known.stage = %(stage)s
    and known.class = %(class)s
    and known.record_id is not null
    and known.status = 'open'
    and not exists (
        select from unnest(%(record_ids)s::bigint []) as asked (record_id)
        where asked.record_id = known.record_id
    );
