-- The audit chain: each event's hash covers the hash before it, so that an edit or a
-- deletion anywhere is found. Core functions only.
create table audit.event (
    event_id bigint primary key,
    happened_at timestamptz not null,
    actor text not null,
    subject text not null,
    subject_id text not null,
    action text not null,
    detail jsonb not null,
    previous_hash bytea not null unique,
    event_hash bytea not null unique
);
comment on table audit.event is
'One row per state change; event_hash covers the row and the previous hash. Never changed';

create table audit.chain_head (
    is_head boolean primary key default true check (is_head),
    event_id bigint not null,
    event_hash bytea not null
);
insert into audit.chain_head (event_id, event_hash)
values (0, sha256(convert_to('ledgerline audit', 'UTF8')));

create function audit.digest(event audit.event) returns bytea language sql stable as $$
    select sha256(event.previous_hash || convert_to(jsonb_build_array(
        event.event_id,
        to_char(event.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        event.actor, event.subject, event.subject_id, event.action, event.detail
    )::text, 'UTF8'))
$$;

-- The row lock on the head gives the events one order; under REPEATABLE READ a
-- concurrent append fails instead of forking the chain.
create function audit.append(
    event_subject text, event_subject_id text, event_action text, event_detail jsonb
) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    head audit.chain_head;
    event audit.event;
begin
    select * into strict head from audit.chain_head for update;
    event.event_id := head.event_id + 1;
    event.happened_at := clock_timestamp();
    event.actor := session_user;
    event.subject := event_subject;
    event.subject_id := event_subject_id;
    event.action := event_action;
    event.detail := event_detail;
    event.previous_hash := head.event_hash;
    event.event_hash := audit.digest(event);
    insert into audit.event select (event).*;
    update audit.chain_head
    set event_id = event.event_id, event_hash = event.event_hash;
    return event.event_id;
end;
$$;
revoke execute on function audit.append from public;

create trigger append_only before update or delete or truncate on audit.event
for each statement execute function ops.refuse_change();

create function audit.broken_event()
returns table (event_id bigint, problem text) language sql stable as $$
    with linked as (
        select
            event.event_id,
            event.event_hash,
            event.previous_hash,
            audit.digest(event) as expected_hash,
            coalesce(
                lag(event.event_hash) over w,
                sha256(convert_to('ledgerline audit', 'UTF8'))
            ) as hash_before,
            coalesce(lag(event.event_id) over w, 0) as id_before
        from audit.event as event
        window w as (order by event.event_id)
    )
    select linked.event_id, 'the row was changed'
    from linked where linked.event_hash <> linked.expected_hash
    union all
    select linked.event_id, 'an event before it is missing or was changed'
    from linked
    where linked.previous_hash <> linked.hash_before
        or linked.event_id <> linked.id_before + 1
    union all
    select head.event_id, 'the newest event is missing or was changed'
    from audit.chain_head as head
    where head.event_id > 0 and not exists (
        select from audit.event as event
        where event.event_id = head.event_id and event.event_hash = head.event_hash
    )
    order by 1
$$;
comment on function audit.broken_event is
'The events at which the audit chain does not verify; empty when nothing was tampered with';
