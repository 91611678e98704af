-- The rules of the outbox, kept by the database whoever writes.
create function post.refuse(rule text, explanation text) returns void
language plpgsql as $$
begin
    raise exception '%: %', rule, explanation using errcode = 'check_violation';
end;
$$;

-- May this entry leave HELD? A verdict row over exactly its hashes, nothing else, opens.
create function post.is_releasable(entry post.entry) returns boolean
language sql stable as $$
    select entry.hold_class = '' and exists (
        select
        from ops.publication as publication
        join ops.gate_decision as decision using (decision_id)
        where publication.publication_id = entry.publication_id
            and publication.data_hash = entry.data_hash
            and publication.suite_hash = entry.suite_hash
            and publication.verdict in ('PASS', 'HOLD')
            and not entry.facility_code = any(publication.held_facilities)
            and decision.verdict in ('PASS', 'HOLD')
            and decision.data_hash = entry.data_hash
            and decision.suite_hash = entry.suite_hash
            and not entry.facility_code = any(decision.held_facilities)
            and decision.required_count > 0
            and decision.evaluated_count >= decision.required_count
    )
$$;

-- Does an earlier entry of the same order key still have to be settled?
create function post.is_blocked(key text, sequence bigint) returns boolean
language sql stable as $$
    select exists (
        select from post.entry as earlier
        where earlier.order_key = key and earlier.order_sequence < sequence
            and earlier.state not in ('POSTED', 'CANCELLED')
            and earlier.waived_publication_id is null
    )
$$;

create function post.guard_insert() returns trigger language plpgsql as $$
begin
    if new.state <> 'HELD' or new.attempts <> 0 or new.fence <> 0 then
        perform post.refuse('ENTRY_NEW', 'an entry starts HELD and unsent');
    end if;
    if not exists (
        select from ops.publication
        where publication_id = new.publication_id
            and data_hash = new.data_hash and suite_hash = new.suite_hash
    ) then
        perform post.refuse('ENTRY_PUBLICATION', 'the hashes are not those of the publication');
    end if;
    select coalesce(sum(greatest((line ->> 'amount_cents')::bigint, 0)), 0)
    into new.total_amount_cents
    from jsonb_array_elements(new.payload -> 'lines') as line;
    return new;
end;
$$;
create trigger guard_insert before insert on post.entry
for each row execute function post.guard_insert();

create function post.derive_lines() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.document_type = 'journal' then
        insert into post.entry_line
        select new.entry_id, line.ordinality, line.value ->> 'account_code',
            line.value ->> 'cost_center_code', line.value ->> 'service_line_code',
            (line.value ->> 'amount_cents')::bigint
        from jsonb_array_elements(new.payload -> 'lines') with ordinality as line;
        if (select sum(amount_cents) from post.entry_line where entry_id = new.entry_id)
            is distinct from 0 then
            perform post.refuse('UNBALANCED', new.natural_key || ' does not balance');
        end if;
    else
        insert into post.stock_line
        select new.entry_id, line.ordinality, new.payload ->> 'store',
            line.value ->> 'item_code', line.value ->> 'lot_number',
            (line.value ->> 'quantity')::numeric
            * case when new.payload ->> 'store' = new.payload ->> 'from_location'
                then 1 else -1 end,
            line.value ->> 'unit', (line.value ->> 'amount_cents')::bigint
        from jsonb_array_elements(new.payload -> 'lines') with ordinality as line;
    end if;
    perform audit.append('post.entry', new.entry_id::text, 'new -> HELD', jsonb_build_object(
        'natural_key', new.natural_key, 'publication_id', new.publication_id,
        'amount_cents', new.total_amount_cents, 'payload_sha256', new.payload_sha256
    ));
    return null;
end;
$$;
create trigger derive_lines after insert on post.entry
for each row execute function post.derive_lines();

create function post.guard_line() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() < 2 then
        perform post.refuse('ENTRY_LINE', 'lines come from the payload of their entry only');
    end if;
    return new;
end;
$$;
create trigger guard_line before insert on post.entry_line
for each row execute function post.guard_line();
create trigger guard_line before insert on post.stock_line
for each row execute function post.guard_line();

-- What a step may touch; everything else of an entry is fixed when it is proposed.
create function post.changed_columns(before post.entry, after post.entry) returns text[]
language sql stable as $$
    select coalesce(array_agg(field.key), '{}')
    from jsonb_each(to_jsonb(before)) as field
    where field.key <> 'total_amount'
        and field.value is distinct from to_jsonb(after) -> field.key
$$;

create function post.guard_move(before post.entry, after post.entry) returns void
language plpgsql as $$
declare
    step text := before.state || ' -> ' || after.state;
begin
    if not exists (
        select from post.transition
        where from_state = before.state and to_state = after.state
    ) then
        perform post.refuse('ENTRY_TRANSITION', step || ' is not a step of an entry');
    end if;
    if after.fence <> before.fence + (after.state = 'CLAIMED')::integer then
        perform post.refuse('ENTRY_FENCE', step || ' with a wrong fence');
    end if;
    if after.attempts <> before.attempts + (after.state = 'SENDING')::integer then
        perform post.refuse('ENTRY_ATTEMPT', step || ' with a wrong attempt number');
    end if;
    if step = 'HELD -> READY' and not post.is_releasable(before) then
        perform post.refuse('DQ_GATE', 'no passing verdict covers ' || before.natural_key);
    elsif step = 'READY -> CLAIMED' and (
        after.worker is null or after.lease_until is null
        or post.is_blocked(after.order_key, after.order_sequence)
    ) then
        perform post.refuse('ENTRY_ORDER', before.natural_key || ' waits for an earlier entry');
    elsif step = 'CLAIMED -> READY' and before.lease_until > clock_timestamp() then
        perform post.refuse('ENTRY_LEASE', 'the lease still holds');
    elsif step = 'CLAIMED -> SENDING' and (
        before.lease_until <= clock_timestamp() or not exists (
            select from post.attempt
            where entry_id = after.entry_id and attempt_number = after.attempts
                and fence = after.fence and ended_at is null
        )
    ) then
        perform post.refuse('ENTRY_WRITE_AHEAD', 'no open attempt under a valid lease');
    elsif before.state = 'UNKNOWN' and before.quiet_until > clock_timestamp() then
        perform post.refuse('ENTRY_QUIET', 'the quiet time is not over');
    elsif step = 'READY -> CANCELLED' and before.attempts > 0 then
        perform post.refuse('ENTRY_SENT', 'an entry that was sent is not cancelled');
    elsif before.state in ('DEAD', 'CONFLICT') and session_user = 'ledgerline_poster' then
        perform post.refuse('ENTRY_REPLAY', step || ' is not for the poster');
    elsif step = 'DEAD -> READY' and before.attempts > 0 then
        perform post.refuse('ENTRY_SENT', 'an entry that was sent is read back first');
    end if;
end;
$$;

create function post.guard_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    changed text[] := post.changed_columns(old, new);
    allowed text[] := array[
        'state', 'fence', 'worker', 'lease_until', 'attempts', 'next_at', 'quiet_until',
        'erp_document', 'posted_at', 'last_status', 'last_error_code'
    ];
begin
    if new.state = old.state then
        allowed := case old.state
            when 'UNKNOWN' then array[
                'fence', 'worker', 'next_at', 'last_status', 'last_error_code'
            ]
            when 'REJECTED' then array['waived_publication_id']
            else '{}' end;
    end if;
    if not changed <@ allowed then
        perform post.refuse('ENTRY_FIXED', format(
            '%s of %s in state %s does not change', changed, old.natural_key, old.state
        ));
    end if;
    if new.fence < old.fence or new.fence > old.fence + 1 then
        perform post.refuse('ENTRY_FENCE', 'the fence only grows, by one');
    end if;
    if old.waived_publication_id is not null then
        perform post.refuse('ENTRY_FIXED', 'a waived rejection stays waived');
    end if;
    if new.state <> old.state then
        perform post.guard_move(old, new);
    end if;
    if new.state = 'UNKNOWN' and old.state = 'SENDING' then
        select clock_timestamp() + quiet_time into new.quiet_until
        from post.attempt where entry_id = new.entry_id and ended_at is null;
    elsif new.quiet_until is distinct from old.quiet_until then
        perform post.refuse('ENTRY_QUIET', 'the quiet time is set by the database');
    end if;
    return new;
end;
$$;
create trigger guard_update before update on post.entry
for each row execute function post.guard_update();

-- The outcome closes the attempt, and the step joins the audit chain, in the same
-- transaction.
create function post.record_step() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.state <> old.state and old.state in ('SENDING', 'UNKNOWN') then
        update post.attempt
        set outcome = lower(new.state),
            status = coalesce(new.last_status, status),
            error_code = coalesce(new.last_error_code, error_code),
            ended_at = case when new.state <> 'UNKNOWN' then clock_timestamp() end
        where entry_id = new.entry_id and ended_at is null;
    end if;
    if new.state <> old.state or new.waived_publication_id is not null then
        perform audit.append(
            'post.entry', new.entry_id::text,
            case when new.state = old.state then 'waived'
                else old.state || ' -> ' || new.state end,
            jsonb_strip_nulls(jsonb_build_object(
                'natural_key', new.natural_key, 'fence', new.fence,
                'attempts', new.attempts, 'worker', coalesce(new.worker, old.worker),
                'erp_document', new.erp_document, 'error_code', new.last_error_code,
                'publication_id', new.waived_publication_id
            ))
        );
    end if;
    return null;
end;
$$;
create trigger record_step after update on post.entry
for each row execute function post.record_step();

create function post.guard_attempt() returns trigger language plpgsql as $$
begin
    if not exists (
        select from post.entry
        where entry_id = new.entry_id and state = 'CLAIMED' and fence = new.fence
            and attempts + 1 = new.attempt_number and worker = new.worker
    ) then
        perform post.refuse('ENTRY_WRITE_AHEAD', 'an attempt belongs to the claim that makes it');
    end if;
    return new;
end;
$$;
create trigger guard_attempt before insert on post.attempt
for each row execute function post.guard_attempt();

-- POSTED and the ledger row come together or not at all: checked when committing.
create function post.check_ledger() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
        select
        from post.entry as entry
        join post.ledger as ledger using (entry_id)
        where entry.entry_id = new.entry_id and entry.state = 'POSTED'
            and ledger.erp_document = entry.erp_document
            and ledger.document_type = entry.document_type
            and ledger.amount_cents = entry.total_amount_cents
    ) then
        perform post.refuse('ENTRY_LEDGER', 'a POSTED entry and its ledger row go together');
    end if;
    return null;
end;
$$;
create constraint trigger posted_has_ledger after update on post.entry
deferrable initially deferred for each row
when (new.state = 'POSTED') execute function post.check_ledger();
create constraint trigger ledger_has_posted after insert on post.ledger
deferrable initially deferred for each row execute function post.check_ledger();

do $$
declare
    relation text;
begin
    foreach relation in array array[
        'entry_line', 'stock_line', 'entry_fact', 'ledger', 'transition'
    ]
    loop
        execute format(
            'create trigger append_only before update or delete or truncate on post.%I '
            'for each statement execute function ops.refuse_change()', relation
        );
    end loop;
    foreach relation in array array['entry', 'attempt']
    loop
        execute format(
            'create trigger never_deleted before delete or truncate on post.%I '
            'for each statement execute function ops.refuse_change()', relation
        );
    end loop;
end;
$$;

-- The poster sends what is READY. It cannot propose, change content, or judge.
grant usage on schema post to ledgerline_poster;
grant select on post.entry, post.attempt, post.ledger, post.transition to ledgerline_poster;
grant update (
    state, fence, worker, lease_until, attempts, next_at,
    erp_document, posted_at, last_status, last_error_code
) on post.entry to ledgerline_poster;
grant insert (entry_id, attempt_number, fence, worker, quiet_time)
on post.attempt to ledgerline_poster;
grant insert (entry_id, document_type, erp_document, amount_cents)
on post.ledger to ledgerline_poster;
