-- name: take_turn
-- One landing per source at a time; held until the connection closes.
select pg_advisory_lock(hashtext('ledgerline.landing'), hashtext(%(source)s));

-- name: fail_abandoned
-- Batches whose process died: we hold the lock, so nobody works on them.
update ops.landing_batch
set status = 'failed', finished_at = clock_timestamp()
where source = %(source)s and status = 'running';

-- name: has_zone
select count(*) from pg_catalog.pg_namespace where nspname = %(schema_name)s;

-- name: create_zone
select ops.create_raw_zone(%(zone_name)s);

-- name: load_state
select value from ops.source_state where source = %(source)s and key = %(key)s;

-- name: save_state
insert into ops.source_state (source, key, value)
values (%(source)s, %(key)s, %(value)s)
on conflict (source, key) do update
set value = excluded.value, saved_at = clock_timestamp();

-- name: drop_state
delete from ops.source_state where source = %(source)s and key = %(key)s;

-- name: shown_ids
select record.resource_id
from {zone}.current_record as record
inner join ops.landing_batch as batch on record.batch_id = batch.batch_id
where record.resource_type = %(resource_type)s and batch.source = %(source)s;

-- name: open_batch
insert into ops.landing_batch (source) values (%(source)s) returning batch_id;

-- name: close_batch
update ops.landing_batch
set status = %(status)s, finished_at = clock_timestamp()
where batch_id = %(batch_id)s and status = 'running';

-- name: add_to_batch
update ops.landing_batch
set
    received_count = received_count + %(received)s,
    landed_count = landed_count + %(landed)s,
    quarantined_count = quarantined_count + %(quarantined)s,
    duplicate_count = duplicate_count + %(duplicate)s
where batch_id = %(batch_id)s;

-- name: find_file
-- The last file with this content, read as this format. It is superseded when the
-- name has had other content since.
select
    known.file_id,
    known.status,
    known.format,
    known.received_count,
    known.expected_count,
    exists (
        select from {zone}.file as later
        where
            later.name = %(name)s
            and later.status <> 'duplicate'
            and later.content_sha256 <> known.content_sha256
            and later.file_id > known.file_id
    ) as is_superseded
from {zone}.file as known
where
    known.content_sha256 = %(content_sha256)s
    and known.format = %(format)s
    and known.status <> 'duplicate'
order by known.file_id desc
limit 1;

-- name: unfinished_files
-- Of this source, or of one that nobody is landing now.
select file.file_id, file.name, file.format, file.expected_count
from {zone}.file as file
inner join ops.landing_batch as batch on file.batch_id = batch.batch_id
where
    file.status = 'received'
    and (
        batch.source = %(source)s
        or not exists (
            select from pg_catalog.pg_locks as held
            where
                held.locktype = 'advisory'
                and held.objsubid = 2
                and held.classid = hashtext('ledgerline.landing')::oid
                and held.objid = hashtext(batch.source)::oid
        )
    )
order by file.file_id;

-- name: claim_file
-- A file that was refused is landed again only with another expected count.
update {zone}.file
set expected_count = %(expected_count)s
where file_id = %(file_id)s and status in ('received', 'quarantined')
returning (
    extract(epoch from clock_timestamp() - timestamptz '2000-01-01 00:00:00+00')
    * 1000000
)::bigint;

-- name: insert_file
-- The commit of the bytes need not reach the disk by itself: that of the records, before
-- which no source goes on, takes it along.
insert into {zone}.file (
    batch_id,
    name,
    content_sha256,
    size_bytes,
    format,
    expected_count,
    is_packed
)
values (
    %(batch_id)s,
    %(name)s,
    %(content_sha256)s,
    %(size_bytes)s,
    %(format)s,
    %(expected_count)s,
    %(is_packed)s
)
returning file_id, set_config('synchronous_commit', 'off', true);

-- name: copy_chunks
copy {zone}.file_chunk (file_id, chunk_number, bytes) from stdin (format binary);

-- name: is_packed
select coalesce(bool_or(file.is_packed), false)
from {zone}.file as file where file.file_id = %(file_id)s;

-- name: read_chunks
select bytes from {zone}.file_chunk
where file_id = %(file_id)s and chunk_number between %(first)s and %(last)s
order by chunk_number;

-- name: find_record
select file_id, byte_offset, byte_length from {zone}.record
where record_id = %(record_id)s;

-- name: finish_file
update {zone}.file
set
    status = %(status)s,
    received_count = %(received)s,
    landed_count = %(landed)s,
    quarantined_count = %(quarantined)s,
    duplicate_count = %(duplicate)s
where file_id = %(file_id)s;

-- name: staging_tables
-- Text without compression: the rows live for one transaction.
create temporary table if not exists landing_record (
    unit bigint not null,
    resource_type text not null,
    resource_id text not null,
    content_sha256 bytea not null,
    byte_offset bigint not null,
    byte_length integer not null,
    version_key text,
    version_sha256 bytea,
    body text not null
) on commit delete rows;
alter table landing_record alter column body set storage external;
create temporary table if not exists landing_set (
    unit bigint not null,
    version_key text not null,
    content_sha256 bytea not null,
    resource_type text not null,
    byte_offset bigint not null,
    byte_length integer not null
) on commit delete rows;
create temporary table if not exists landing_deletion (
    resource_type text not null,
    resource_id text not null,
    byte_offset bigint not null,
    byte_length integer not null
) on commit delete rows;
create temporary table if not exists landing_seen (
    resource_type text not null,
    resource_id text not null
);

-- name: clear_staging
truncate landing_record, landing_set, landing_deletion;

-- name: copy_records
copy landing_record from stdin;

-- name: copy_new_records
copy {zone}.record (
    file_id,
    batch_id,
    resource_type,
    resource_id,
    content_sha256,
    byte_offset,
    byte_length,
    received_at,
    body
)
from stdin (format binary);

-- name: copy_new_versions
copy {zone}.version (version_key, content_sha256, file_id)
from stdin (format binary);

-- name: knows_a_record
-- By identifier first: what has none that is known costs one look into the index.
select true
from {zone}.record as record
where
    record.resource_type = %(resource_type)s
    and record.resource_id = any(string_to_array(%(ids)s, %(separator)s))
    and position(record.content_sha256 in %(hashes)s) > 0
limit 1;

-- name: knows_a_version
select true
from unnest(string_to_array(%(keys)s, %(separator)s)) as offered (version_key)
cross join lateral (
    select true
    from {zone}.version as version
    where version.version_key = offered.version_key
    limit 1
) as known
limit 1;

-- name: copy_sets
copy landing_set from stdin;

-- name: copy_deletions
copy landing_deletion from stdin;

-- name: analyze_staging
analyze landing_record (resource_type, resource_id, content_sha256, version_key);

-- name: withdraw_records
delete from landing_record where unit between %(first)s and %(last)s;

-- name: withdraw_sets
delete from landing_set where unit between %(first)s and %(last)s;

-- name: register_sets
-- The first content of a transaction set stands.
insert into {zone}.version (version_key, content_sha256, file_id)
select distinct on (version_key) version_key, content_sha256, %(file_id)s
from landing_set
order by version_key, unit
on conflict do nothing;

-- name: conflicting_sets
select staged.unit, staged.resource_type, staged.byte_offset, staged.byte_length
from landing_set as staged
inner join {zone}.version as known on staged.version_key = known.version_key
where staged.content_sha256 <> known.content_sha256
order by staged.unit;

-- name: register_versions
-- The first content of a resource version stands.
insert into {zone}.version (version_key, content_sha256, file_id)
select distinct on (version_key) version_key, version_sha256, %(file_id)s
from landing_record
where version_key is not null
order by version_key, byte_offset
on conflict do nothing;

-- name: take_conflicting_versions
delete from landing_record as staged
using {zone}.version as known
where
    staged.version_key = known.version_key
    and staged.version_sha256 <> known.content_sha256
returning staged.resource_type, staged.byte_offset, staged.byte_length;

-- name: merge_records
-- Only content that was never landed; what is left over is duplicate. In the order in
-- which it was read: of two contents of one resource, the later one stands.
with
landed as (
    insert into {zone}.record (
        file_id,
        batch_id,
        resource_type,
        resource_id,
        content_sha256,
        byte_offset,
        byte_length,
        body
    )
    select
        %(file_id)s,
        %(batch_id)s,
        staged.resource_type,
        staged.resource_id,
        staged.content_sha256,
        staged.byte_offset,
        staged.byte_length,
        staged.body::jsonb
    from landing_record as staged
    where not exists (
        select from {zone}.record as known
        where
            known.resource_type = staged.resource_type
            and known.resource_id = staged.resource_id
            and known.content_sha256 = staged.content_sha256
    )
    order by staged.ctid
    on conflict do nothing
    returning resource_type
)
select resource_type, count(*) from landed group by resource_type;

-- name: note_returns
-- Content that its source showed before, left, and shows again: what the file says last
-- of a resource, unless that is the record just made of it, or the file ends by deleting
-- the resource. A transaction set never goes back to what it was. What is shown now is
-- looked up resource by resource: the view of current records would be computed whole, for
-- every file.
insert into {zone}.sighting (record_id, batch_id)
select known.record_id, %(batch_id)s
from (
    select distinct on (resource_type, resource_id)
        resource_type,
        resource_id,
        content_sha256,
        byte_offset
    from landing_record
    where unit = 0
    order by resource_type asc, resource_id asc, ctid desc
) as staged
inner join {zone}.record as known
    on
        staged.resource_type = known.resource_type
        and staged.resource_id = known.resource_id
        and staged.content_sha256 = known.content_sha256
where
    (known.file_id, known.byte_offset) <> (%(made_of)s, staged.byte_offset)
    and not exists (
        select from landing_deletion as deletion
        where
            deletion.resource_type = known.resource_type
            and deletion.resource_id = known.resource_id
    )
    and known.record_id is distinct from (
        select latest.record_id
        from (
            select
                other.record_id,
                coalesce(
                    (
                        select max(sighting.seen_at)
                        from {zone}.sighting as sighting
                        where sighting.record_id = other.record_id
                    ),
                    other.received_at
                ) as seen_at
            from {zone}.record as other
            where
                other.resource_type = known.resource_type
                and other.resource_id = known.resource_id
            order by seen_at desc, other.record_id desc
            limit 1
        ) as latest
        where not exists (
            select from {zone}.vanishing as vanishing
            where
                vanishing.resource_type = known.resource_type
                and vanishing.resource_id = known.resource_id
                and vanishing.vanished_at > latest.seen_at
        )
    );

-- name: merge_deletions
-- What is gone already is left over, and duplicate.
with
stated as (
    select distinct on (resource_type, resource_id)
        resource_type,
        resource_id,
        byte_offset,
        byte_length
    from landing_deletion
    order by resource_type, resource_id, byte_offset
),
deleted as (
    insert into {zone}.vanishing (
        resource_type,
        resource_id,
        batch_id,
        file_id,
        byte_offset,
        byte_length
    )
    select
        stated.resource_type,
        stated.resource_id,
        %(batch_id)s,
        %(file_id)s,
        stated.byte_offset,
        stated.byte_length
    from stated
    where
        not exists (
            select from {zone}.vanishing as vanishing
            where
                vanishing.resource_type = stated.resource_type
                and vanishing.resource_id = stated.resource_id
        )
        or exists (
            select from {zone}.current_record as current_record
            where
                current_record.resource_type = stated.resource_type
                and current_record.resource_id = stated.resource_id
        )
    returning resource_type
)
select resource_type, count(*) from deleted group by resource_type;

-- name: count_staged
select count(*) from landing_record;

-- name: quarantine
insert into ops.quarantined_record (
    batch_id,
    source,
    resource_type,
    class,
    locator,
    stage,
    message,
    owner,
    file_id,
    byte_offset,
    byte_length
)
values (
    %(batch_id)s,
    %(source)s,
    %(resource_type)s,
    %(class)s,
    %(locator)s,
    %(stage)s,
    %(message)s,
    %(owner)s,
    %(file_id)s,
    %(byte_offset)s,
    %(byte_length)s
);

-- name: note_seen
-- Of what landed straight from the file, and of what is staged.
insert into landing_seen (resource_type, resource_id)
select record.resource_type, record.resource_id
from {zone}.record as record
where record.file_id = %(file_id)s
union all
select staged.resource_type, staged.resource_id
from landing_record as staged;

-- name: note_vanished
-- What a complete extract no longer holds.
insert into {zone}.vanishing (resource_type, resource_id, batch_id)
select gone.resource_type, gone.resource_id, %(batch_id)s
from {zone}.current_record as gone
inner join ops.landing_batch as batch on gone.batch_id = batch.batch_id
where
    batch.source = %(source)s
    and gone.resource_type <> all(%(except_types)s)
    and not exists (
        select from landing_seen as seen
        where
            seen.resource_type = gone.resource_type
            and seen.resource_id = gone.resource_id
    );

-- name: analyze_record
analyze {zone}.record (
    record_id,
    file_id,
    batch_id,
    resource_type,
    resource_id,
    received_at
);

-- name: analyze_file
analyze {zone}.file;
