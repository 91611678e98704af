-- What happened that sets work in motion, which handlers have yet to act on it, and the
-- steps that are then expected, each with the time at which it is due.

create table ops.event (
    event_id bigint generated always as identity primary key,
    event_key text not null unique,
    kind text not null,
    subject text not null
    check (subject in ('visit', 'encounter', 'delivery', 'remittance')),
    sending_facility text not null default '',
    subject_id text not null,
    account_number text not null default '',
    happened_at timestamptz not null,
    zone text not null,
    record_id bigint not null,
    emitted_at timestamptz not null default clock_timestamp()
);
create index on ops.event (subject, sending_facility, subject_id, event_id);
comment on table ops.event is
'One row per thing that happened and sets work in motion, written in the transaction that found it out';
comment on column ops.event.event_key is
'What makes the event distinct: said again, it is the same row';
comment on column ops.event.subject is
'A visit of an HL7 v2 sender, a FHIR encounter, a supply delivery without an encounter, or an 835';
comment on column ops.event.record_id is 'The landed record of the zone that told of it';

create table ops.event_delivery (
    event_id bigint not null references ops.event,
    handler text not null,
    state text not null default 'waiting' check (state in ('waiting', 'done', 'failed')),
    attempts integer not null default 0,
    next_at timestamptz not null,
    error_code text not null default '',
    handled_at timestamptz,
    primary key (event_id, handler)
);
create index event_delivery_waiting on ops.event_delivery (handler, event_id)
where state = 'waiting';
create index event_delivery_failed on ops.event_delivery (handler) where state = 'failed';
comment on table ops.event_delivery is
'One row per event and handler that acts on it: the queue of the handler';
comment on column ops.event_delivery.next_at is
'Not before then: when an event dated ahead has its time, or after an error the next try';
comment on column ops.event_delivery.state is
'Failed: every try ended in an error, and a person acts';

create table ops.step_default (
    step text primary key,
    question text not null,
    patience interval not null check (patience > interval '0'),
    owner text not null,
    next_action text not null
);
comment on table ops.step_default is
'One row per step that events expect: what it asks, how long it may take, who acts when it is late';

insert into ops.step_default (step, question, patience, owner, next_action)
values
(
    'billing_review', 'Did the discharge bring a claim?', interval '3 days',
    'patient_financial_services',
    'look at the account''s charges and hold in billing; release or correct the claim'
),
(
    'consumption_posting', 'Is everything used in the stay in the ERP?', interval '1 day',
    'supply_chain', 'see what `ledgerline status` holds or rejected, and why'
),
(
    'bed_turnover', 'Is the bed taken again?', interval '4 hours',
    'environmental_services', 'ask the unit whether the bed is cleaned and released'
),
(
    'pharmacy_reconciliation', 'Was every ordered drug dispensed?', interval '1 day',
    'pharmacy', 'compare the stay''s orders with what was dispensed'
),
(
    'stock_issue', 'Is the supply used in the ERP?', interval '1 day',
    'supply_chain', 'see what `ledgerline status` holds or rejected, and why'
),
(
    'cash_posting', 'Is the payer''s money in the ERP?', interval '1 day',
    'finance', 'see what `ledgerline status` holds or rejected, and why'
);

create table reference.workflow_sla (
    step text not null references ops.step_default,
    patience_minutes integer not null check (patience_minutes > 0),
    owner text not null,
    valid_from date not null,
    valid_to date,
    primary key (step, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.workflow_sla is
'One row per step and period: how long it may take and who acts when it is late, where that differs from the default';

create view ops.step_rule as
select
    rule.step,
    rule.question,
    coalesce(agreed.owner, rule.owner) as owner,
    coalesce(make_interval(mins => agreed.patience_minutes), rule.patience) as patience,
    rule.next_action
from ops.step_default as rule
left join reference.workflow_sla as agreed
    on
        rule.step = agreed.step
        and agreed.valid_from <= current_date
        and coalesce(agreed.valid_to, 'infinity') > current_date;
comment on view ops.step_rule is 'One row per step: the rule that holds today';

create table ops.workflow_instance (
    instance_id uuid primary key default gen_random_uuid(),
    started_at timestamptz not null default clock_timestamp()
);
comment on table ops.workflow_instance is
'One row per encounter, or per remittance, that set work in motion; the id is random and correlates all that belongs to it';

create table ops.workflow_subject (
    subject text not null,
    sending_facility text not null,
    subject_id text not null,
    account_number text not null,
    instance_id uuid not null references ops.workflow_instance,
    primary key (subject, sending_facility, subject_id)
);
create index on ops.workflow_subject (account_number) where account_number <> '';
create index on ops.workflow_subject (instance_id);
comment on table ops.workflow_subject is
'One row per name under which a feed tells of an instance: a visit and a FHIR encounter may be one';

create table ops.expected_step (
    instance_id uuid not null references ops.workflow_instance,
    step text not null references ops.step_default,
    event_id bigint not null references ops.event,
    expected_at timestamptz not null,
    due_at timestamptz not null,
    owner text not null,
    happened_at timestamptz,
    withdrawn_at timestamptz,
    evidence text not null default '',
    primary key (instance_id, step)
);
create index expected_step_open on ops.expected_step (step, due_at)
where happened_at is null and withdrawn_at is null;
comment on table ops.expected_step is
'One row per instance and step that is expected of it, from the moment on that it is: what does not happen is a row, too';
comment on column ops.expected_step.event_id is 'The newest event that expects it';
comment on column ops.expected_step.evidence is 'What showed that it happened; no patient values';

-- A consumer is woken when there is something for it: an event, or mail that may hold one.
create function ops.wake_handlers() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from added) then
        perform pg_notify('ledgerline_events', '');
    end if;
    return null;
end;
$$;
create trigger wake_handlers after insert on ops.event
referencing new table as added
for each statement execute function ops.wake_handlers();
create trigger wake_handlers after insert on raw_ehr.inbox
referencing new table as added
for each statement execute function ops.wake_handlers();

create function ops.told_instant(told text) returns timestamptz
language plpgsql stable set timezone = 'UTC' as $$
begin
    return told::timestamptz;
exception when data_exception then
    return null;
end;
$$;
comment on function ops.told_instant is
'A time as a record tells it; null where it tells none, or only a month or a year';

-- A discharge that was taken back expects nothing, in whatever order that is handled.
create view ops.standing_event as
select event.*
from ops.event as event
where
    event.kind <> 'encounter_completed'
    or not exists (
        select from ops.event as later
        where
            later.subject = event.subject
            and later.sending_facility = event.sending_facility
            and later.subject_id = event.subject_id
            and later.event_id > event.event_id
            and later.kind = 'completion_withdrawn'
    );
comment on view ops.standing_event is
'One row per event that no later one takes back';

-- Give the subjects of events an instance: the one that another feed knows by the same
-- account, if there is exactly one, else a new one.
create function ops.open_instances(wanted bigint []) returns void
language plpgsql as $$
declare
    asked text;
begin
    foreach asked in array array['visit', 'encounter', 'delivery', 'remittance']
    loop
        with found as (
            select distinct on (event.sending_facility, event.subject_id) event.*
            from ops.event as event
            where
                event.event_id = any(wanted)
                and event.subject = asked
                and not exists (
                    select from ops.workflow_subject as known
                    where
                        known.subject = event.subject
                        and known.sending_facility = event.sending_facility
                        and known.subject_id = event.subject_id
                )
            order by
                event.sending_facility, event.subject_id, event.account_number desc
        ),
        placed as (
            select found.*, coalesce(other.instance_id, gen_random_uuid()) as instance_id
            from found
            left join lateral (
                select min(known.instance_id::text)::uuid as instance_id
                from ops.workflow_subject as known
                where
                    found.account_number <> ''
                    and known.account_number = found.account_number
                    and known.subject in ('visit', 'encounter')
                    and known.subject <> found.subject
                having count(distinct known.instance_id) = 1
            ) as other on true
        ),
        opened as (
            insert into ops.workflow_instance (instance_id)
            select distinct placed.instance_id from placed
            on conflict do nothing
        )
        insert into ops.workflow_subject (
            subject, sending_facility, subject_id, account_number, instance_id
        )
        select
            placed.subject, placed.sending_facility, placed.subject_id,
            placed.account_number, placed.instance_id
        from placed;
    end loop;
end;
$$;

-- Expect a step of the instances of events, once. A step that is open stays due when it
-- was; one that happened or was taken back is expected anew by a later event.
create function ops.expect_step(expected text, wanted bigint []) returns void
language plpgsql as $$
begin
    perform ops.open_instances(wanted);
    insert into ops.expected_step as known (
        instance_id, step, event_id, expected_at, due_at, owner
    )
    select distinct on (subject.instance_id)
        subject.instance_id, rule.step, event.event_id, clock_timestamp(),
        greatest(event.happened_at, event.emitted_at) + rule.patience, rule.owner
    from ops.standing_event as event
    inner join ops.workflow_subject as subject
        using (subject, sending_facility, subject_id)
    inner join ops.step_rule as rule on rule.step = expected
    where event.event_id = any(wanted)
    order by subject.instance_id, event.event_id desc
    on conflict (instance_id, step) do update set
        event_id = excluded.event_id,
        expected_at = case
            when known.happened_at is null and known.withdrawn_at is null
                then known.expected_at
            else excluded.expected_at
        end,
        due_at = case
            when known.happened_at is null and known.withdrawn_at is null
                then known.due_at
            else excluded.due_at
        end,
        owner = excluded.owner,
        happened_at = null,
        withdrawn_at = null,
        evidence = ''
    where excluded.event_id > known.event_id;
end;
$$;

create view ops.stuck_work as
select
    step.step as work,
    step.instance_id,
    event.subject,
    event.sending_facility,
    event.zone,
    event.record_id,
    step.owner,
    step.due_at as since,
    clock_timestamp() - step.due_at as age,
    rule.question as what,
    rule.next_action
from ops.expected_step as step
inner join ops.event as event on step.event_id = event.event_id
inner join ops.step_rule as rule on step.step = rule.step
where
    step.happened_at is null
    and step.withdrawn_at is null
    and step.due_at < clock_timestamp()
union all
select
    delivery.handler,
    null,
    event.subject,
    event.sending_facility,
    event.zone,
    event.record_id,
    'data_engineering',
    event.emitted_at,
    clock_timestamp() - event.emitted_at,
    'The handler ends in ' || delivery.error_code,
    'remove the cause, then `ledgerline events retry ' || delivery.handler || '`'
from ops.event_delivery as delivery
inner join ops.event as event on delivery.event_id = event.event_id
where delivery.state = 'failed';
comment on view ops.stuck_work is
'One row per step that is overdue and per event whose handler gave up: what, whose, since when, what to do. Live';

create view ops.handler_queue as
select
    delivery.handler,
    count(*) filter (where delivery.state = 'waiting') as waiting_count,
    count(*) filter (where delivery.state = 'waiting' and delivery.attempts > 0)
        as retried_count,
    count(*) filter (where delivery.state = 'failed') as failed_count,
    min(event.emitted_at) as since
from ops.event_delivery as delivery
inner join ops.event as event on delivery.event_id = event.event_id
where delivery.state <> 'done'
group by delivery.handler;
comment on view ops.handler_queue is
'One row per handler that has something left to do: how many events wait, are tried again, are given up';
