-- What flows from discharge to ledger, what is stuck, and what it saves a person.

-- The questions are asked of what readers see now: the functions look the published
-- views up when they are called, so these may change shape, or not exist yet.
create table ops.workflow_step (
    step text primary key,
    step_number integer not null unique,
    question text not null,
    owner text not null
);
comment on table ops.workflow_step is
'One row per step from discharge to ledger: the question that it answers and who acts on what waits';

insert into ops.workflow_step (step_number, step, question, owner)
values
(1, 'discharge_charged', 'Did the finished encounter bring a charge?', 'revenue_integrity'),
(2, 'charge_billed', 'Is the charge on a claim?', 'patient_financial_services'),
(3, 'claim_accepted', 'Did the payer take the claim?', 'patient_financial_services'),
(4, 'claim_answered', 'Did the payer decide on the claim?', 'patient_financial_services'),
(5, 'revenue_posted', 'Is the billed charge in the ERP?', 'finance'),
(6, 'adjustment_posted', 'Is the payer''s adjustment in the ERP?', 'finance'),
(7, 'cash_posted', 'Is the payment in the ERP?', 'finance'),
(8, 'supply_posted', 'Is the supply used in the ERP?', 'supply_chain');

create function ops.posted_facts()
returns table (
    facility_code text,
    document_kind text,
    amount numeric,
    event_date date,
    zone text,
    record_id bigint,
    posted_at timestamptz
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('outbound.out_journal_fact') is null then
        return;
    end if;
    return query
    select
        min(fact.facility_code)::text,
        fact.document_kind::text,
        sum(fact.amount) filter (where fact.journal_fact_id like '%|debit')::numeric,
        min(fact.event_date)::date,
        case when fact.fact_name = 'fct_supply_usage' then 'ehr' else 'billing' end,
        min(fact.record_id)::bigint,
        max(entry.posted_at)
    from outbound.out_journal_fact as fact
    left join post.entry_fact as link on fact.journal_fact_id = link.journal_fact_id
    left join post.entry as entry
        on link.entry_id = entry.entry_id and entry.state = 'POSTED'
    group by fact.document_kind, fact.fact_name, fact.fact_id;
end;
$$;
comment on function ops.posted_facts is
'One row per published fact that belongs in the ERP; posted_at is null until one of its sides is there (the other may cancel out within a line)';
revoke execute on function ops.posted_facts from public;

create function ops.workflow_state()
returns table (
    facility_code text, step text, is_done boolean, amount numeric, since date
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('conformed.fct_claim') is null then
        return;
    end if;
    return query
    select
        visit.facility_code::text,
        'discharge_charged',
        exists (
            select from conformed.fct_charge as charge
            where charge.encounter_id = visit.encounter_id
        ),
        0::numeric,
        visit.end_at::date
    from conformed.fct_encounter as visit
    where visit.encounter_status = 'finished'
    union all
    select
        charge.facility_code::text, 'charge_billed', charge.is_billed,
        charge.charge_amount::numeric, charge.service_date::date
    from conformed.fct_charge as charge
    union all
    select
        claim.facility_code::text, state.step, state.is_done,
        claim.gross_charge_amount::numeric, claim.first_submitted_date::date
    from conformed.fct_claim as claim
    cross join lateral (
        values
        ('claim_accepted', claim.accepted_date is not null or claim.is_adjudicated),
        ('claim_answered', claim.is_adjudicated)
    ) as state (step, is_done)
    union all
    select
        fact.facility_code,
        case fact.document_kind
            when 'patient_revenue' then 'revenue_posted'
            when 'remittance_adjustment' then 'adjustment_posted'
            when 'cash_receipt' then 'cash_posted'
            else 'supply_posted'
        end,
        fact.posted_at is not null,
        fact.amount,
        fact.event_date
    from ops.posted_facts() as fact;
end;
$$;
comment on function ops.workflow_state is
'One row per thing that a step of the workflow expects, whether it is done, its USD and since when';
revoke execute on function ops.workflow_state from public;

create function ops.workflow_health()
returns table (
    facility_code text,
    step_number integer,
    step text,
    question text,
    owner text,
    expected_count bigint,
    done_count bigint,
    waiting_count bigint,
    waiting_amount numeric(18, 2),
    waiting_since_date date
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select
        state.facility_code,
        step.step_number,
        step.step,
        step.question,
        step.owner,
        count(*),
        count(*) filter (where state.is_done),
        count(*) filter (where not state.is_done),
        coalesce(sum(state.amount) filter (where not state.is_done), 0)::numeric(18, 2),
        min(state.since) filter (where not state.is_done)
    from ops.workflow_state() as state
    inner join ops.workflow_step as step on state.step = step.step
    group by state.facility_code, step.step_number, step.step, step.question, step.owner
$$;

create view marts.workflow_health as
select * from ops.workflow_health();
comment on view marts.workflow_health is
'One row per facility and step from discharge to ledger: what was expected, what is done, what waits and who acts. Live';
comment on column marts.workflow_health.facility_code is 'Facility';
comment on column marts.workflow_health.step_number is 'Order of the steps';
comment on column marts.workflow_health.step is 'Name of the step';
comment on column marts.workflow_health.question is 'What the step asks of each thing';
comment on column marts.workflow_health.owner is 'Who acts on what waits';
comment on column marts.workflow_health.expected_count is
'Encounters, charges, claims, payments, adjustments or usages that the step expects';
comment on column marts.workflow_health.done_count is 'Those of them for which it is done';
comment on column marts.workflow_health.waiting_count is 'expected_count less done_count';
comment on column marts.workflow_health.waiting_amount is
'USD of what waits, signed as in its fact; 0 for encounters';
comment on column marts.workflow_health.waiting_since_date is
'Date of the oldest that waits: discharge, service, submission or payment; empty when nothing waits';

create function ops.time_to_ledger()
returns table (
    facility_code text,
    document_kind text,
    fact_count bigint,
    amount numeric(18, 2),
    median_landing_hours numeric(18, 4),
    p95_landing_hours numeric(18, 4),
    median_event_days numeric(18, 4),
    p95_event_days numeric(18, 4)
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    with landed as (
        select 'billing' as zone, record_id, received_at from raw_billing.record
        union all
        select 'ehr' as zone, record_id, received_at from raw_ehr.record
    ),
    fact as (
        select
            posted.*,
            extract(epoch from posted.posted_at - landed.received_at) / 3600
                as landing_hours,
            extract(epoch from posted.posted_at - posted.event_date) / 86400
                as event_days
        from ops.posted_facts() as posted
        inner join landed
            on posted.zone = landed.zone and posted.record_id = landed.record_id
        where posted.posted_at is not null
    )
    select
        fact.facility_code,
        fact.document_kind,
        count(*),
        sum(fact.amount)::numeric(18, 2),
        percentile_cont(0.5) within group (order by fact.landing_hours)::numeric(18, 4),
        percentile_cont(0.95) within group (order by fact.landing_hours)::numeric(18, 4),
        percentile_cont(0.5) within group (order by fact.event_days)::numeric(18, 4),
        percentile_cont(0.95) within group (order by fact.event_days)::numeric(18, 4)
    from fact
    group by fact.facility_code, fact.document_kind
$$;

create view marts.time_to_ledger as
select * from ops.time_to_ledger();
comment on view marts.time_to_ledger is
'One row per facility and kind of ERP document: how long its facts took to the ledger. Live';
comment on column marts.time_to_ledger.facility_code is 'Facility';
comment on column marts.time_to_ledger.document_kind is 'Kind of ERP document';
comment on column marts.time_to_ledger.fact_count is 'Charges, adjustments, payments or usages in the ERP';
comment on column marts.time_to_ledger.amount is 'Their USD, debit side';
comment on column marts.time_to_ledger.median_landing_hours is
'Half of the facts were in the ERP this many hours after their record was received';
comment on column marts.time_to_ledger.p95_landing_hours is
'95 % of the facts were in the ERP this many hours after their record was received';
comment on column marts.time_to_ledger.median_event_days is
'Half of the facts were in the ERP this many days after their service, use or payment began its day (UTC)';
comment on column marts.time_to_ledger.p95_event_days is
'95 % of the facts were in the ERP this many days after their service, use or payment began its day (UTC)';

create table ops.manual_effort (
    task text primary key,
    minutes numeric(8, 2) not null check (minutes > 0),
    source text not null
);
comment on table ops.manual_effort is
'One row per task that a person did before: minutes each, and whose estimate that is. Finance keeps it';
insert into ops.manual_effort (task, minutes, source)
values (
    'compare_balance', 3.00,
    'assumed: look one balance up in two systems, compare, note; replace by your own measurement'
);

create view marts.reconciliation_effort as
select
    balance.period,
    balance.facility_code,
    count(*) as compared_count,
    count(*) filter (where balance.break_name = '') as agreed_count,
    count(*) filter (where balance.break_name <> '') as break_count,
    effort.minutes as assumed_minutes,
    (count(*) filter (where balance.break_name = '') * effort.minutes / 60)
    ::numeric(18, 2) as avoided_hours
from marts.reconciliation as balance
cross join ops.manual_effort as effort
where balance.system_pair = 'ledger:erp' and effort.task = 'compare_balance'
group by balance.period, balance.facility_code, effort.minutes;
comment on view marts.reconciliation_effort is
'One row per period and facility: account balances that agree with the ERP, so that nobody has to compare them. Each counts once, however often it is compared. Live';
comment on column marts.reconciliation_effort.period is 'Accounting period, yyyy-mm';
comment on column marts.reconciliation_effort.facility_code is 'Facility';
comment on column marts.reconciliation_effort.compared_count is 'Account balances compared';
comment on column marts.reconciliation_effort.agreed_count is 'Balances that agree: nobody has to look';
comment on column marts.reconciliation_effort.break_count is 'Balances that a person must look at';
comment on column marts.reconciliation_effort.assumed_minutes is
'Minutes of manual work a balance, an assumption kept in ops.manual_effort';
comment on column marts.reconciliation_effort.avoided_hours is
'Hours, agreed_count x assumed_minutes / 60';

grant select on marts.workflow_health, marts.time_to_ledger, marts.reconciliation_effort
to ledgerline_analyst, ledgerline_executive;
grant execute on function ops.workflow_health, ops.time_to_ledger
to ledgerline_analyst, ledgerline_executive;
