-- What one person asks for and another approves. The rules are kept here, whoever
-- writes; changes of mappings keep the same ones.
create function ops.request_expires_at(requested_at timestamptz) returns timestamptz
language sql stable as $$
    select requested_at + interval '24 hours'
$$;

create function ops.is_same_person(one text, other text) returns boolean
language sql immutable as $$
    select lower(btrim(one)) = lower(btrim(other))
$$;

create function ops.refuse_role(rule text, person text) returns void
language plpgsql as $$
begin
    if exists (select from pg_roles where ops.is_same_person(rolname, person)) then
        perform post.refuse(rule, format(
            '%s is a database role; name the person who decides', person
        ));
    end if;
end;
$$;

create function ops.utc_minute(moment timestamptz) returns text
language sql stable as $$
    select to_char(moment at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
$$;

create or replace function reference.changeset_expires_at(proposed_at timestamptz)
returns timestamptz
language sql stable as $$
    select ops.request_expires_at(proposed_at)
$$;

-- A name that differs from a role's only in case or spaces is that role's.
create function reference.guard_changeset_person() returns trigger
language plpgsql as $$
begin
    perform ops.refuse_role(
        'CHANGESET_PERSON', coalesce(new.decided_by, new.proposed_by)
    );
    return new;
end;
$$;
create trigger guard_changeset_person before insert or update on reference.changeset
for each row execute function reference.guard_changeset_person();

-- Check by check, what the newest evaluation in a run found.
create view ops.newest_check_result as
select result.*
from (
    select
        each.*,
        first_value(each.evaluation_id) over (
            partition by each.run_id, each.engine, each.suite, each.check_name
            order by each.check_result_id desc
        ) as newest_evaluation_id
    from ops.check_result as each
) as result
where result.evaluation_id = result.newest_evaluation_id;
comment on view ops.newest_check_result is
'One row per run, check and facility it concerns: the newest evaluation in the run';

create table ops.request (
    request_id bigint generated always as identity primary key,
    action text not null check (action in (
        'replay', 'waive', 'override', 'compensate', 'waive_check'
    )),
    reason text not null check (btrim(reason) <> ''),
    erp_document text check (btrim(erp_document) <> ''),
    scope_sha256 text not null default '',
    state text not null default 'proposed'
    check (state in ('proposed', 'approved', 'rejected')),
    requested_by text not null check (btrim(requested_by) <> ''),
    requested_at timestamptz not null default clock_timestamp(),
    decided_by text check (btrim(decided_by) <> ''),
    decided_at timestamptz,
    check ((action = 'override') = (erp_document is not null)),
    check ((state = 'proposed') = (decided_by is null)),
    check ((state = 'proposed') = (decided_at is null))
);
comment on table ops.request is
'One row per thing that a person asked for and another decided; what it covers is in ops.request_subject';
comment on column ops.request.scope_sha256 is
'What it covers as it stood when it was asked for; approved only while it still stands so';
comment on column ops.request.erp_document is
'Of an override: the ERP document that is taken for the entry''s own';

create table ops.request_subject (
    request_id bigint not null references ops.request,
    subject text not null,
    primary key (request_id, subject)
);
create index on ops.request_subject (subject);
comment on table ops.request_subject is
'One row per request and what it covers: the id of an entry, or a check as engine/suite/name[@facility]';

create table ops.request_use (
    request_id bigint not null,
    subject text not null,
    used_at timestamptz not null default clock_timestamp(),
    primary key (request_id, subject),
    foreign key (request_id, subject) references ops.request_subject
);
comment on table ops.request_use is
'One row per step that a request allowed. Its key makes that once';

create function ops.entry_scope(id bigint) returns table (subject text, content jsonb)
language sql stable as $$
    select covered.subject, jsonb_build_array(
        entry.natural_key, entry.payload_sha256, entry.total_amount_cents,
        entry.state, entry.fence, entry.attempts, entry.erp_document,
        entry.waived_publication_id
    )
    from ops.request_subject as covered
    join post.entry as entry on entry.entry_id = covered.subject::uuid
    where covered.request_id = id
$$;

-- A check that failed in the run of the newest decision, which did not let it pass.
create function ops.check_scope(id bigint) returns table (subject text, content jsonb)
language sql stable as $$
    select covered.subject, jsonb_build_array(
        decision.run_id, decision.data_hash, decision.suite_hash,
        result.severity, result.observed, result.expected
    )
    from ops.request_subject as covered
    join (
        select * from ops.gate_decision order by decision_id desc limit 1
    ) as decision on decision.verdict in ('BLOCK', 'HOLD')
    join ops.newest_check_result as result
        on result.run_id = decision.run_id and result.status = 'fail'
            and result.severity in ('block', 'hold')
            and concat_ws('/', result.engine, result.suite, result.check_name)
            || coalesce('@' || result.scope_facility, '') = covered.subject
    where covered.request_id = id
$$;

create function ops.request_sha256(request ops.request) returns text
language plpgsql stable as $$
declare
    scope jsonb;
begin
    if request.action = 'waive_check' then
        select jsonb_object_agg(subject, content) into scope
        from ops.check_scope(request.request_id);
    else
        select jsonb_object_agg(subject, content) into scope
        from ops.entry_scope(request.request_id);
    end if;
    return encode(sha256(convert_to(jsonb_build_array(
        request.action, request.reason, request.erp_document, scope
    )::text, 'UTF8')), 'hex');
end;
$$;

-- Names what a request cannot be about, before anyone is asked to approve it.
create function ops.refuse_unfit(request ops.request) returns void
language plpgsql as $$
declare
    unfit text;
begin
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

create function ops.refuse_approval(before ops.request, approver text) returns void
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
    if before.action <> 'waive_check' then
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

create function ops.guard_request() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    free text[] := array['state', 'decided_by', 'decided_at'];
begin
    perform ops.refuse_role(
        'REQUEST_PERSON', coalesce(new.decided_by, new.requested_by)
    );
    if tg_op = 'INSERT' then
        if new.state <> 'proposed' or new.scope_sha256 <> '' then
            perform post.refuse('REQUEST_NEW', 'a request starts without a scope');
        end if;
        new.requested_at := clock_timestamp();
        return new;
    end if;
    if old.scope_sha256 = '' then
        free := array['scope_sha256'];
        perform ops.refuse_unfit(old);
        new.scope_sha256 := ops.request_sha256(old);
    elsif old.state <> 'proposed' then
        perform post.refuse('REQUEST_DECIDED', format(
            'request %s was %s by %s; ask again',
            old.request_id, old.state, old.decided_by
        ));
    end if;
    if to_jsonb(old) - free <> to_jsonb(new) - free then
        perform post.refuse('REQUEST_CHANGED', 'a request stays as it was asked for');
    end if;
    if new.state = 'approved' then
        perform ops.refuse_approval(old, new.decided_by);
    end if;
    if new.state <> 'proposed' then
        new.decided_at := clock_timestamp();
    end if;
    return new;
end;
$$;
create trigger guard_request before insert or update on ops.request
for each row execute function ops.guard_request();

create function ops.record_request() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform audit.append(
        'ops.request', new.request_id::text, new.state,
        jsonb_strip_nulls(jsonb_build_object(
            'by', coalesce(new.decided_by, new.requested_by), 'action', new.action,
            'scope_sha256', new.scope_sha256, 'erp_document', new.erp_document
        ))
    );
    return null;
end;
$$;
create trigger record_request after update on ops.request
for each row execute function ops.record_request();

create function ops.guard_request_subject() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
        select from ops.request
        where request_id = new.request_id and scope_sha256 = ''
    ) then
        perform post.refuse('REQUEST_CHANGED', 'a request covers no more than it did');
    end if;
    return new;
end;
$$;
create trigger guard_request_subject before insert on ops.request_subject
for each row execute function ops.guard_request_subject();

-- The one way to spend an approval: once, by the step that it was given for.
create function ops.use_request(
    used_subject text, allowed text[], wanted bigint default null
) returns ops.request
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    spent ops.request;
begin
    select request.* into spent
    from ops.request as request
    join ops.request_subject as covered using (request_id)
    where covered.subject = used_subject and request.action = any(allowed)
        and request.state = 'approved'
        and (wanted is null or request.request_id = wanted)
        and clock_timestamp() < ops.request_expires_at(request.requested_at)
        and not exists (
            select from ops.request_use as used
            where used.request_id = covered.request_id
                and used.subject = covered.subject
        )
    order by request.request_id limit 1;
    if spent.request_id is null then
        perform post.refuse('REQUEST_NEEDED', format(
            '%s of %s needs a request that a second person approved',
            replace(array_to_string(allowed, ' or '), '_', ' '), used_subject
        ));
    end if;
    insert into ops.request_use (request_id, subject)
    values (spent.request_id, used_subject);
    perform audit.append(
        'ops.request', spent.request_id::text, 'used',
        jsonb_build_object('subject', used_subject)
    );
    return spent;
end;
$$;
revoke execute on function ops.use_request from public;

create function ops.guard_request_use() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() < 2 then
        perform post.refuse('REQUEST_NEEDED', 'a request is spent by its step only');
    end if;
    return new;
end;
$$;
create trigger guard_request_use before insert on ops.request_use
for each row execute function ops.guard_request_use();

-- What is approved about entries is carried out in the same transaction, whole.
create function ops.check_carried_out() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (
        select from ops.request_subject as covered
        left join ops.request_use as used using (request_id, subject)
        where covered.request_id = new.request_id and used.request_id is null
    ) then
        perform post.refuse('REQUEST_CHANGED', format(
            'request %s could not be carried out whole; look and ask again',
            new.request_id
        ));
    end if;
    return null;
end;
$$;
create constraint trigger carried_out after update on ops.request
deferrable initially deferred for each row
when (new.state = 'approved' and new.action <> 'waive_check')
execute function ops.check_carried_out();

create trigger never_deleted before delete or truncate on ops.request
for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate on ops.request_subject
for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate on ops.request_use
for each statement execute function ops.refuse_change();
