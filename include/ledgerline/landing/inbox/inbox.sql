-- name: store
-- New bytes are stored once. Each message learns whether it is new, and which content
-- its control id came with first; a message without one has no rival.
with
given as (
    select *
    from
        unnest(
            %(senders)b::text [],
            %(control_ids)b::text [],
            %(digests)b::bytea [],
            %(peers)b::text [],
            %(contents)b::bytea []
        )
        with ordinality as row (
            sender, control_id, content_sha256, peer, bytes, position
        )
),
stored as (
    insert into raw_ehr.inbox (sender, control_id, content_sha256, peer, bytes)
    select sender, control_id, content_sha256, peer, bytes
    from given
    order by position
    on conflict (sender, control_id, content_sha256) do nothing
    returning message_id, sender, control_id, content_sha256
)
select stored.message_id is not null as is_new, earliest.content_sha256
from given
left join stored
    on
        given.sender = stored.sender
        and given.control_id = stored.control_id
        and given.content_sha256 = stored.content_sha256
left join lateral (
    select known.content_sha256
    from raw_ehr.inbox as known
    where
        known.sender = given.sender
        and known.control_id = given.control_id
        and given.control_id <> ''
    order by known.message_id + 0  -- by the key's index, never through all messages
    limit 1
) as earliest on true
order by given.position;

-- name: newest
select max(message_id) from raw_ehr.inbox where file_id is null;

-- name: waiting
-- The oldest messages that wait, up to a number of messages and of bytes; at least one.
with
oldest as (
    select message_id, octet_length(bytes) as size_bytes
    from raw_ehr.inbox
    where file_id is null and message_id <= %(newest)s
    order by message_id
    limit %(messages)s
),
counted as (
    select
        message_id,
        sum(size_bytes) over (order by message_id) - size_bytes as bytes_before
    from oldest
)
select message_id
from counted
where bytes_before < %(bytes)s
order by message_id;

-- name: contents
select bytes
from raw_ehr.inbox
where message_id = any(%(message_ids)s) and file_id is null
order by message_id;

-- name: mark_landed
-- The bytes are in the file now. Without such a file the table refuses to drop them.
update raw_ehr.inbox
set
    bytes = null,
    file_id = (
        select max(file.file_id)
        from raw_ehr.file
        where file.name = %(name)s and file.status in ('landed', 'quarantined')
    )
where message_id = any(%(message_ids)s) and file_id is null;
