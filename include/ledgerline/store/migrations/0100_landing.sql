-- Landing: bytes first, then records; batches that balance; quarantine.
create table ops.landing_batch (
    batch_id bigint generated always as identity primary key,
    source text not null,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    status text not null default 'running'
    check (status in ('running', 'complete', 'failed')),
    received_count bigint not null default 0,
    landed_count bigint not null default 0,
    quarantined_count bigint not null default 0,
    duplicate_count bigint not null default 0
);

do $$
declare
    zone text;
begin
    foreach zone in array array['raw_ehr', 'raw_billing', 'raw_erp']
    loop
        execute format($ddl$
            create table %1$I.file (
                file_id bigint generated always as identity primary key,
                batch_id bigint not null references ops.landing_batch,
                name text not null,
                content_sha256 bytea not null,
                size_bytes bigint not null,
                format text not null,
                received_at timestamptz not null default clock_timestamp(),
                status text not null default 'received'
                check (status in ('received', 'landed', 'quarantined', 'duplicate'))
            );
            create index on %1$I.file (content_sha256);
            create table %1$I.file_chunk (
                file_id bigint not null references %1$I.file,
                chunk_number integer not null,
                bytes bytea not null,
                primary key (file_id, chunk_number)
            );
            alter table %1$I.file_chunk alter column bytes set storage external;
            create table %1$I.record (
                record_id bigint generated always as identity primary key,
                file_id bigint not null references %1$I.file,
                batch_id bigint not null references ops.landing_batch,
                resource_type text not null,
                resource_id text not null,
                content_sha256 bytea not null,
                byte_offset bigint not null,
                byte_length integer not null,
                received_at timestamptz not null default clock_timestamp(),
                body jsonb not null,
                unique (resource_type, resource_id, content_sha256)
            );
        $ddl$, zone);
    end loop;
end;
$$;

create table ops.quarantined_record (
    quarantine_id bigint generated always as identity primary key,
    batch_id bigint not null references ops.landing_batch,
    source text not null,
    resource_type text not null,
    class text not null,
    locator text not null,
    stage text not null,
    message text not null,
    owner text not null,
    file_id bigint,
    byte_offset bigint,
    byte_length bigint,
    status text not null default 'open'
    check (status in ('open', 'replayed', 'dismissed')),
    created_at timestamptz not null default clock_timestamp(),
    due_at timestamptz not null default clock_timestamp() + interval '1 day'
);
comment on table ops.quarantined_record is
'One row per record or file that was refused: where it is, why, and who acts. No patient values';

create view ops.landing_balance as
select
    batch_id,
    source,
    status,
    received_count,
    landed_count,
    quarantined_count,
    duplicate_count,
    received_count - landed_count - quarantined_count - duplicate_count
        as difference_count
from ops.landing_batch;
grant select on ops.landing_batch, ops.landing_balance to ledgerline_build;
