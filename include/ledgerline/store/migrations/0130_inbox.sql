-- The inbox of the MLLP listener: bytes are committed here before they are acknowledged.
create table raw_ehr.inbox (
    message_id bigint generated always as identity primary key,
    sender text not null,
    control_id text not null,
    content_sha256 bytea not null,
    peer text not null,
    received_at timestamptz not null default clock_timestamp(),
    bytes bytea,
    file_id bigint references raw_ehr.file,
    unique (sender, control_id, content_sha256),
    constraint inbox_bytes_are_in_one_place check ((bytes is null) = (file_id is not null))
);
alter table raw_ehr.inbox alter column bytes set storage external;
create index inbox_waiting on raw_ehr.inbox (message_id) where file_id is null;
comment on table raw_ehr.inbox is
'One row per message that an HL7 sender delivered: its bytes until it is landed, then the file';

-- The process that listens to the network may add messages, and see which it has.
do $$
begin
    if not exists (select from pg_roles where rolname = 'ledgerline_listener') then
        create role ledgerline_listener login noinherit;
    end if;
end;
$$;
revoke all on raw_ehr.inbox from ledgerline_build;
grant usage on schema raw_ehr to ledgerline_listener;
grant insert (sender, control_id, content_sha256, peer, bytes)
on raw_ehr.inbox to ledgerline_listener;
grant select (message_id, sender, control_id, content_sha256)
on raw_ehr.inbox to ledgerline_listener;
