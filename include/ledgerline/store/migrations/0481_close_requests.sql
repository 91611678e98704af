-- Closing a month is one more thing that one person asks for and another approves.
alter table ops.request drop constraint request_action_check;
alter table ops.request add constraint request_action_check check (action in (
    'replay', 'waive', 'override', 'compensate', 'waive_check', 'close_month'
));
comment on table ops.request_subject is
'One row per request and what it covers: the id of an entry, a check as engine/suite/name[@facility], or a month';

-- What closing a month rests on: the newest publication, and what is to be accrued.
create function ops.close_scope(id bigint) returns table (subject text, content jsonb)
language sql stable as $$
    select covered.subject, jsonb_build_array(
        (select max(publication_id) from ops.publication),
        (
            select jsonb_agg(to_jsonb(line) order by to_jsonb(line)::text)
            from ops.accrual_line as line where line.request_id = id
        ),
        exists (select from ops.period_close where period = covered.subject)
    )
    from ops.request_subject as covered
    where covered.request_id = id
$$;

create or replace function ops.request_sha256(request ops.request) returns text
language plpgsql stable as $$
declare
    scope jsonb;
begin
    if request.action = 'waive_check' then
        select jsonb_object_agg(subject, content) into scope
        from ops.check_scope(request.request_id);
    elsif request.action = 'close_month' then
        select jsonb_object_agg(subject, content) into scope
        from ops.close_scope(request.request_id);
    else
        select jsonb_object_agg(subject, content) into scope
        from ops.entry_scope(request.request_id);
    end if;
    return encode(sha256(convert_to(jsonb_build_array(
        request.action, request.reason, request.erp_document, scope
    )::text, 'UTF8')), 'hex');
end;
$$;

create function ops.refuse_unfit_close(request ops.request) returns void
language plpgsql as $$
declare
    months text[];
    months_named text;
begin
    select array_agg(subject), min(subject) into months, months_named
    from ops.request_subject where request_id = request.request_id;
    if coalesce(cardinality(months), 0) <> 1
        or months_named !~ '^[0-9]{4}-(0[1-9]|1[0-2])$' then
        perform post.refuse('REQUEST_UNFIT', 'a close is of one month, as 2026-03');
    elsif current_date <= ops.last_day(months_named) then
        perform post.refuse('REQUEST_UNFIT', format(
            '%s is not over; ask from %s on', months_named, ops.last_day(months_named) + 1
        ));
    elsif exists (select from ops.period_close where period = months_named) then
        perform post.refuse('REQUEST_UNFIT', format(
            'the close of %s was approved; `ledgerline close status %s` says how far it is',
            months_named, months_named
        ));
    elsif not exists (select from ops.publication) then
        perform post.refuse('REQUEST_UNFIT', 'nothing is published; build and publish first');
    end if;
end;
$$;

create or replace function ops.refuse_unfit(request ops.request) returns void
language plpgsql as $$
declare
    unfit text;
begin
    if request.action = 'close_month' then
        perform ops.refuse_unfit_close(request);
        return;
    end if;
    if request.action = 'waive_check' then
        select covered.subject into unfit from ops.request_subject as covered
        where covered.request_id = request.request_id and covered.subject not in (
            select scope.subject from ops.check_scope(request.request_id) as scope
        );
        unfit := unfit || ' is no failed check of the newest decision';
    else
        select format('%s is %s', entry.natural_key, entry.state) into unfit
        from ops.request_subject as covered
        join post.entry as entry on entry.entry_id = covered.subject::uuid
        where covered.request_id = request.request_id and not case request.action
            when 'replay' then entry.state in ('DEAD', 'CONFLICT')
            when 'waive'
                then entry.state = 'REJECTED' and entry.waived_publication_id is null
            when 'override' then entry.state = 'CONFLICT'
            else entry.state = 'POSTED' and entry.reverses is null and not exists (
                select from post.entry as reversal
                where reversal.reverses = entry.entry_id
                    and reversal.state <> 'CANCELLED'
            )
        end;
    end if;
    if unfit is not null then
        perform post.refuse('REQUEST_UNFIT', format(
            '%s, which takes no %s', unfit, replace(request.action, '_', ' ')
        ));
    end if;
    if not exists (
        select from ops.request_subject where request_id = request.request_id
    ) then
        perform post.refuse('REQUEST_UNFIT', 'a request covers something');
    end if;
end;
$$;

create or replace function ops.refuse_approval(before ops.request, approver text) returns void
language plpgsql as $$
declare
    creator text;
begin
    if clock_timestamp() >= ops.request_expires_at(before.requested_at) then
        perform post.refuse('REQUEST_EXPIRED', format(
            'request %s expired on %s, 24 hours after %s asked; ask again',
            before.request_id,
            ops.utc_minute(ops.request_expires_at(before.requested_at)),
            before.requested_by
        ));
    end if;
    if ops.is_same_person(approver, before.requested_by) then
        perform post.refuse('REQUEST_FOUR_EYES', format(
            '%s asked for request %s; another person approves it',
            before.requested_by, before.request_id
        ));
    end if;
    if before.action not in ('waive_check', 'close_month') then
        perform from post.entry where entry_id in (
            select subject::uuid from ops.request_subject
            where request_id = before.request_id
        ) order by entry_id for update;
        select entry.created_by into creator
        from ops.request_subject as covered
        join post.entry as entry on entry.entry_id = covered.subject::uuid
        where covered.request_id = before.request_id
            and ops.is_same_person(entry.created_by, approver);
    end if;
    if creator is not null then
        perform post.refuse('REQUEST_FOUR_EYES', format(
            '%s made an entry of request %s; another person approves it',
            creator, before.request_id
        ));
    end if;
    if before.scope_sha256 <> ops.request_sha256(before) then
        perform post.refuse('REQUEST_CHANGED', format(
            'what request %s covers is not as it was; reject it, look and ask again',
            before.request_id
        ));
    end if;
end;
$$;

-- A close begins with its approval, and ends with its seal. Neither is taken back.
create function ops.guard_period_close() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    unmet text;
begin
    if tg_op = 'INSERT' then
        new.approved_at := clock_timestamp();
        new.sealed_at := null;
        perform ops.use_request(new.period, array['close_month'], new.request_id);
        return new;
    end if;
    if old.sealed_at is not null then
        perform post.refuse('PERIOD_CLOSED', format('%s is sealed and stays so', old.period));
    elsif to_jsonb(old) - 'sealed_at' <> to_jsonb(new) - 'sealed_at' then
        perform post.refuse('REQUEST_CHANGED', 'a close stays as it was approved');
    end if;
    perform pg_advisory_xact_lock(7320531);
    select string_agg(item || ' (' || owner || ')', ', ' order by item_number) into unmet
    from ops.close_checklist(old.period) where is_required and not is_met;
    if unmet is not null then
        perform post.refuse('CLOSE_NOT_READY', format(
            '%s cannot be sealed: %s. `ledgerline close status %s` shows each', old.period,
            unmet, old.period
        ));
    end if;
    new.sealed_at := clock_timestamp();
    return new;
end;
$$;
create trigger guard_period_close before insert or update on ops.period_close
for each row execute function ops.guard_period_close();

create function ops.record_period_close() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform audit.append(
        'ops.period_close', new.period,
        case when new.sealed_at is null then 'approved' else 'sealed' end,
        jsonb_build_object('request_id', new.request_id)
    );
    return null;
end;
$$;
create trigger record_period_close after insert or update on ops.period_close
for each row execute function ops.record_period_close();
create trigger never_deleted before delete or truncate on ops.period_close
for each statement execute function ops.refuse_change();
