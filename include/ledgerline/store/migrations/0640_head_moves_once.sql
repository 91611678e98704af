-- Each event moved the head of the chain, and each next one passed over all that its
-- transaction had left there: ten thousand documents proposed at once cost its square.
-- The head is locked as before and moves once, as the transaction commits; until then
-- its own events are the newest.
create or replace function audit.append(
    event_subject text, event_subject_id text, event_action text, event_detail jsonb
) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    head audit.chain_head;
    newest audit.event;
    event audit.event;
begin
    select * into strict head from audit.chain_head for update;
    select * into newest from audit.event as latest order by latest.event_id desc limit 1;
    -- Where the head's own event is missing or was changed, the chain stays broken there.
    if newest.event_id > head.event_id then
        head.event_id := newest.event_id;
        head.event_hash := newest.event_hash;
    end if;
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
    return event.event_id;
end;
$$;

create function audit.move_head() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update audit.chain_head
    set event_id = new.event_id, event_hash = new.event_hash
    where new.event_id = (
        select newest.event_id from audit.event as newest
        order by newest.event_id desc limit 1
    );
    return null;
end;
$$;
create constraint trigger move_head after insert on audit.event
deferrable initially deferred for each row execute function audit.move_head();
