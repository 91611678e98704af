-- What waits since a discharge waits since its day by the clocks of the facility, and a
-- day of service, use or payment begins by them.
create or replace function ops.workflow_state()
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
        (visit.end_at at time zone coalesce(facility.time_zone, 'UTC'))::date
    from conformed.fct_encounter as visit
    left join reference.facility as facility
        on visit.facility_code = facility.facility_code
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

create or replace function ops.time_to_ledger()
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
            extract(
                epoch from posted.posted_at - posted.event_date::timestamp
                at time zone coalesce(facility.time_zone, 'UTC')
            ) / 86400 as event_days
        from ops.posted_facts() as posted
        left join reference.facility as facility
            on posted.facility_code = facility.facility_code
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

comment on column marts.time_to_ledger.median_event_days is
'Half of the facts were in the ERP this many days after their service, use or payment began its day';
comment on column marts.time_to_ledger.p95_event_days is
'95 % of the facts were in the ERP this many days after their service, use or payment began its day';
