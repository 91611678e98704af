-- name: sources
-- Which sources have something to replay whose bytes are here. A record that landed and
-- waits is not replayed: whoever said that it waits looks again.
select distinct source, zone
from ops.quarantined_record
where
    status = 'open'
    and record_id is null
    and file_id is not null
    and (%(numbers)s::bigint [] is null or quarantine_id = any(%(numbers)s))
    and (%(class)s::text is null or class = %(class)s)
    and (%(source)s::text is null or source = %(source)s)
order by source;

-- name: without_bytes
select count(*)
from ops.quarantined_record
where
    status = 'open'
    and file_id is null
    and (%(numbers)s::bigint [] is null or quarantine_id = any(%(numbers)s))
    and (%(class)s::text is null or class = %(class)s)
    and (%(source)s::text is null or source = %(source)s);

-- name: files
-- In the order in which they came.
select distinct file_id
from ops.quarantined_record
where
    status = 'open'
    and record_id is null
    and source = %(source)s
    and file_id is not null
    and (%(numbers)s::bigint [] is null or quarantine_id = any(%(numbers)s))
    and (%(class)s::text is null or class = %(class)s)
order by file_id;

-- name: lock_rows
-- The chosen rows of a file; with a row of the file itself, all of its rows.
select quarantine_id, coalesce(byte_offset, 0), coalesce(byte_length, 0), class
from ops.quarantined_record
where
    status = 'open'
    and record_id is null
    and source = %(source)s
    and file_id = %(file_id)s
    and (
        (
            (%(numbers)s::bigint [] is null or quarantine_id = any(%(numbers)s))
            and (%(class)s::text is null or class = %(class)s)
        )
        or exists (
            select from ops.quarantined_record as whole
            where
                whole.status = 'open'
                and whole.source = %(source)s
                and whole.file_id = %(file_id)s
                and whole.byte_offset is null
                and (
                    %(numbers)s::bigint [] is null
                    or whole.quarantine_id = any(%(numbers)s)
                )
                and (%(class)s::text is null or whole.class = %(class)s)
        )
    )
order by quarantine_id
for update;

-- name: stored_file
select
    name,
    format,
    expected_count,
    status,
    landed_count,
    quarantined_count,
    duplicate_count
from {zone}.file
where file_id = %(file_id)s;

-- name: reopen_file
update {zone}.file
set status = 'received', format = %(format)s
where file_id = %(file_id)s;

-- name: restore_file
-- What it came to before, and what this replay adds; it balances by construction.
update {zone}.file
set
    status = %(status)s,
    expected_count = %(expected_count)s,
    received_count = %(landed)s + %(quarantined)s + %(duplicate)s,
    landed_count = %(landed)s,
    quarantined_count = %(quarantined)s,
    duplicate_count = %(duplicate)s
where file_id = %(file_id)s;

-- name: date_records
-- A replayed record came when its file came: before what follows it in the file, and
-- before whatever came later; else as late as what stands before it in the file, which
-- its higher number then follows. It never replaces something newer.
update {zone}.record as replayed
set
    received_at = coalesce(
        (
            select min(following.received_at) - interval '1 microsecond'
            from {zone}.record as following
            where
                following.resource_type = replayed.resource_type
                and following.resource_id = replayed.resource_id
                and following.file_id = replayed.file_id
                and following.batch_id <> replayed.batch_id
                and following.byte_offset > replayed.byte_offset
        ),
        greatest(
            source_file.received_at,
            (
                select max(earlier.received_at)
                from {zone}.record as earlier
                where
                    earlier.resource_type = replayed.resource_type
                    and earlier.resource_id = replayed.resource_id
                    and earlier.file_id = replayed.file_id
                    and earlier.batch_id <> replayed.batch_id
            )
        )
    )
from {zone}.file as source_file
where
    replayed.batch_id = %(batch_id)s
    and replayed.file_id = %(file_id)s
    and source_file.file_id = %(file_id)s;

-- name: date_sightings
-- Content that was known was seen again when the file came, not today.
update {zone}.sighting as sighting
set seen_at = source_file.received_at
from {zone}.file as source_file
where
    sighting.batch_id = %(batch_id)s
    and sighting.seen_at >= transaction_timestamp()
    and source_file.file_id = %(file_id)s;

-- name: drop_stale_sightings
-- A sighting before the record itself, or before another sighting, says nothing.
delete from {zone}.sighting as stale
using {zone}.record as record
where
    stale.batch_id = %(batch_id)s
    and stale.record_id = record.record_id
    and stale.seen_at <= (
        select max(other.at)
        from (
            select record.received_at as at
            union all
            select sighting.seen_at
            from {zone}.sighting as sighting
            where
                sighting.record_id = stale.record_id
                and sighting.sighting_id <> stale.sighting_id
        ) as other
    );

-- name: date_deletions
update {zone}.vanishing as vanishing
set vanished_at = source_file.received_at
from {zone}.file as source_file
where
    vanishing.batch_id = %(batch_id)s
    and vanishing.file_id = %(file_id)s
    and source_file.file_id = %(file_id)s;

-- name: fresh_refusals
select
    quarantine_id,
    coalesce(byte_offset, 0),
    coalesce(byte_length, 0),
    class,
    message,
    owner
from ops.quarantined_record
where batch_id = %(batch_id)s and file_id = %(file_id)s
order by quarantine_id;

-- name: drop_refusals
delete from ops.quarantined_record where quarantine_id = any(%(numbers)s);

-- name: settle
update ops.quarantined_record
set status = %(status)s, class = %(class)s, message = %(message)s, owner = %(owner)s
where quarantine_id = %(number)s;

-- name: settle_replayed
update ops.quarantined_record
set status = 'replayed'
where quarantine_id = %(number)s;

-- name: note_attempt
insert into ops.replay_attempt (
    quarantine_id, batch_id, outcome, class, message, attempted_by
)
values (
    %(number)s, %(batch_id)s, %(outcome)s, %(class)s, %(message)s, %(attempted_by)s
);

-- name: audit
select audit.append('quarantine', %(number)s::text, 'replayed', %(detail)s);
