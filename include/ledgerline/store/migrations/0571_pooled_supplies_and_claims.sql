-- Supplies, claims and denials of a month, as 0570 has margins.

create function ops.pooled_supply_use() returns table (
    service_month date,
    item_category text,
    item_code text,
    item_name text,
    used_quantity numeric,
    supply_cost numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with item as (
        select
            used.service_month,
            used.item_category,
            used.item_code,
            max(used.item_name) as item_name,
            sum(used.used_quantity) as used_quantity,
            sum(used.supply_cost) as supply_cost,
            -- The most of one department: departments may have had the same encounters.
            ops.counted_apart(max(used.encounter_count)) as cases
        from marts.supply_utilization as used
        group by used.service_month, used.item_category, used.item_code
    )

    select
        item.service_month,
        cell.first_shown,
        cell.second_shown,
        case when cell.second_shown = 'other' then 'Other items' else max(item.item_name) end,
        sum(item.used_quantity),
        sum(item.supply_cost)
    from item
    inner join ops.pooled_cells((
        select array_agg(row(service_month, item_category, item_code, cases)::ops.cell)
        from item
    )) as cell
        on
            item.service_month = cell.month
            and item.item_category = cell.first_name
            and item.item_code = cell.second_name
    group by item.service_month, cell.first_shown, cell.second_shown;
end;
$$;
create view marts_pooled.supply_use as
select * from ops.pooled_supply_use();
comment on view marts_pooled.supply_use is
'One row per month, category and item, those used in few encounters together as other';

create function ops.pooled_surgical_supply() returns table (
    service_month date,
    service_line_code text,
    surgical_case_count bigint,
    supply_cost numeric,
    standard_amount numeric,
    usage_variance_amount numeric,
    price_variance_amount numeric,
    substitution_variance_amount numeric,
    unused_amount numeric,
    unmeasured_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with shown as (
        select distinct each.service_month, each.service_line_code, each.line_shown
        from ops.shown_lines() as each
    ),

    line as (
        select
            service_month,
            coalesce(shown.line_shown, 'other') as line_shown,
            count(distinct card.surgical_case_id) as cases,
            sum(card.supply_cost) as supply_cost,
            sum(card.standard_amount) as standard_amount,
            sum(card.usage_variance_amount) as usage_variance_amount,
            sum(card.price_variance_amount) as price_variance_amount,
            sum(card.substitution_variance_amount) as substitution_variance_amount,
            sum(card.unused_amount) as unused_amount,
            sum(card.unmeasured_amount) as unmeasured_amount
        from marts.preference_card_variance as card
        left join shown using (service_month, service_line_code)
        where service_month in (select each.service_month from shown as each)
        group by service_month, coalesce(shown.line_shown, 'other')
    )

    select
        line.service_month,
        cell.first_shown,
        sum(line.cases)::bigint,
        sum(line.supply_cost),
        sum(line.standard_amount),
        sum(line.usage_variance_amount),
        sum(line.price_variance_amount),
        sum(line.substitution_variance_amount),
        sum(line.unused_amount),
        sum(line.unmeasured_amount)
    from line
    inner join ops.pooled_cells((
        select array_agg(row(service_month, line_shown, '', cases)::ops.cell) from line
    )) as cell
        on line.service_month = cell.month and line.line_shown = cell.first_name
    where ops.sees_line(cell.first_shown)
    group by line.service_month, cell.first_shown;
end;
$$;
create view marts_pooled.surgical_supply as
select * from ops.pooled_surgical_supply();
comment on view marts_pooled.surgical_supply is
'One row per month and service line with its surgical cases against their preference cards';

create function ops.pooled_supply_waste() returns table (
    service_month date,
    waste_kind text,
    waste_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select wasted.service_month, wasted.waste_kind, sum(wasted.waste_amount)
    from marts.supply_waste as wasted
    where wasted.service_month in (select each.service_month from ops.shown_lines() as each)
    group by wasted.service_month, wasted.waste_kind;
end;
$$;
create view marts_pooled.supply_waste as
select * from ops.pooled_supply_waste();
comment on view marts_pooled.supply_waste is
'One row per month and kind of waste, all items together';

create function ops.pooled_unbilled_supply() returns table (
    service_month date,
    service_line_code text,
    item_category text,
    usage_count bigint,
    unbilled_cost numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with shown as (
        select distinct each.service_month, each.service_line_code, each.line_shown
        from ops.shown_lines() as each
    ),

    used as (
        select
            service_month,
            coalesce(shown.line_shown, 'other') as line_shown,
            unbilled.item_category,
            count(*) as usages,
            sum(unbilled.unbilled_cost) as unbilled_cost,
            ops.counted_apart(count(distinct unbilled.encounter_id)) as cases
        from marts.unbilled_supply as unbilled
        left join shown using (service_month, service_line_code)
        where service_month in (select each.service_month from shown as each)
        group by
            service_month, coalesce(shown.line_shown, 'other'), unbilled.item_category
    )

    select
        used.service_month,
        cell.first_shown,
        cell.second_shown,
        sum(used.usages)::bigint,
        sum(used.unbilled_cost)
    from used
    inner join ops.pooled_cells((
        select array_agg(row(service_month, line_shown, item_category, cases)::ops.cell)
        from used
    )) as cell
        on
            used.service_month = cell.month
            and used.line_shown = cell.first_name
            and used.item_category = cell.second_name
    where ops.sees_line(cell.first_shown)
    group by used.service_month, cell.first_shown, cell.second_shown;
end;
$$;
create view marts_pooled.unbilled_supply as
select * from ops.pooled_unbilled_supply();
comment on view marts_pooled.unbilled_supply is
'One row per month, service line and category of supplies that were used and not billed';

create function ops.pooled_stock() returns table (
    facility_code text,
    stock_location_code text,
    item_code text,
    item_name text,
    on_hand_quantity numeric,
    on_hand_amount numeric,
    forecast_quantity numeric,
    reorder_quantity numeric,
    par_quantity numeric,
    forecast_level_quantity numeric,
    proposed_quantity numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        level.facility_code,
        level.stock_location_code,
        level.item_code,
        item.item_name,
        level.on_hand_quantity::numeric,
        level.on_hand_amount::numeric,
        forecast.forecast_quantity::numeric,
        level.reorder_quantity::numeric,
        level.par_quantity::numeric,
        level.forecast_level_quantity::numeric,
        level.proposed_quantity::numeric
    from marts.reorder_level as level
    left join (
        select used.item_code, max(used.item_name) as item_name
        from marts.supply_utilization as used
        group by used.item_code
    ) as item on level.item_code = item.item_code
    left join marts.supply_forecast as forecast
        on
            level.facility_code = forecast.facility_code
            and level.stock_location_code = forecast.stock_location_code
            and level.item_code = forecast.item_code
            and forecast.is_proposal;
end;
$$;
create view marts_pooled.stock as
select * from ops.pooled_stock();
comment on view marts_pooled.stock is
'One row per facility, stock location and item with what is there, its levels and what to order; about no case';

-- What claims were expected to bring, by `payer` or by `service_line`.
create function ops.reimbursed_by(way text) returns table (
    service_month date,
    shown text,
    adjudicated_claim_count bigint,
    gross_charge_amount numeric,
    expected_amount numeric,
    allowed_amount numeric,
    denial_amount numeric,
    paid_amount numeric,
    variance_amount numeric,
    underpaid_amount numeric,
    open_expected_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with line as (
        select distinct each.service_month, each.service_line_code, each.line_shown
        from ops.shown_lines() as each
    ),

    claims as (
        select
            service_month,
            case way
                when 'payer' then claim.payer_code else coalesce(line.line_shown, 'other')
            end as name,
            sum(claim.adjudicated_claim_count) as adjudicated,
            sum(claim.gross_charge_amount) as gross_charge_amount,
            sum(claim.expected_amount) as expected_amount,
            sum(claim.allowed_amount) as allowed_amount,
            sum(claim.denial_amount) as denial_amount,
            sum(claim.paid_amount) as paid_amount,
            sum(claim.variance_amount) as variance_amount,
            sum(claim.underpaid_amount) as underpaid_amount,
            sum(claim.open_expected_amount) as open_expected_amount
        from marts.reimbursement as claim
        left join line using (service_month, service_line_code)
        where service_month in (select each.service_month from line as each)
        group by 1, 2
    )

    select
        claims.service_month,
        cell.first_shown,
        sum(claims.adjudicated)::bigint,
        sum(claims.gross_charge_amount),
        sum(claims.expected_amount),
        sum(claims.allowed_amount),
        sum(claims.denial_amount),
        sum(claims.paid_amount),
        sum(claims.variance_amount),
        sum(claims.underpaid_amount),
        sum(claims.open_expected_amount)
    from claims
    inner join ops.pooled_cells((
        select array_agg(row(service_month, name, '', adjudicated)::ops.cell) from claims
    )) as cell
        on claims.service_month = cell.month and claims.name = cell.first_name
    where way = 'payer' or ops.sees_line(cell.first_shown)
    group by claims.service_month, cell.first_shown;
end;
$$;

revoke execute on function ops.reimbursed_by from public;

create function ops.pooled_payer_reimbursement() returns table (
    service_month date,
    payer_code text,
    adjudicated_claim_count bigint,
    gross_charge_amount numeric,
    expected_amount numeric,
    allowed_amount numeric,
    denial_amount numeric,
    paid_amount numeric,
    variance_amount numeric,
    underpaid_amount numeric,
    open_expected_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select * from ops.reimbursed_by('payer');
end;
$$;
create view marts_pooled.payer_reimbursement as
select * from ops.pooled_payer_reimbursement();
comment on view marts_pooled.payer_reimbursement is
'One row per month and payer with what claims were expected to bring, and what was allowed and paid';

create function ops.pooled_service_line_reimbursement() returns table (
    service_month date,
    service_line_code text,
    adjudicated_claim_count bigint,
    gross_charge_amount numeric,
    expected_amount numeric,
    allowed_amount numeric,
    denial_amount numeric,
    paid_amount numeric,
    variance_amount numeric,
    underpaid_amount numeric,
    open_expected_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select * from ops.reimbursed_by('service_line');
end;
$$;
create view marts_pooled.service_line_reimbursement as
select * from ops.pooled_service_line_reimbursement();
comment on view marts_pooled.service_line_reimbursement is
'One row per month and service line with what claims were expected to bring, and what was allowed and paid';

-- Denials by `service_line` or `payer`, or by `cause` and what became of them.
create function ops.denied_by(way text) returns table (
    submitted_month date,
    first_shown text,
    second_shown text,
    denial_count bigint,
    initial_denial_amount numeric,
    open_amount numeric,
    overturned_amount numeric,
    written_off_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with denied as (
        select
            denial.submitted_month as month,
            coalesce(case way
                when 'service_line' then denial.service_line_code
                when 'payer' then denial.payer_code
                when 'cause' then denial.denial_cause
            end, '') as first_name,
            case when way = 'cause' then coalesce(denial.denial_state, '') else '' end
                as second_name,
            count(*) as cases,
            sum(denial.initial_denial_amount) as initial_denial_amount,
            sum(denial.open_amount) as open_amount,
            sum(denial.overturned_amount) as overturned_amount,
            sum(denial.written_off_amount) as written_off_amount
        from marts.denials as denial
        where denial.submitted_month is not null
        group by 1, 2, 3
    )

    select
        month,
        cell.first_shown,
        cell.second_shown,
        sum(denied.cases)::bigint,
        sum(denied.initial_denial_amount),
        sum(denied.open_amount),
        sum(denied.overturned_amount),
        sum(denied.written_off_amount)
    from denied
    inner join ops.pooled_cells((
        select array_agg(row(month, first_name, second_name, cases)::ops.cell) from denied
    )) as cell using (month, first_name, second_name)
    where way <> 'service_line' or ops.sees_line(cell.first_shown)
    group by month, cell.first_shown, cell.second_shown;
end;
$$;

revoke execute on function ops.denied_by from public;

create function ops.pooled_service_line_denial() returns table (
    submitted_month date,
    service_line_code text,
    denial_count bigint,
    initial_denial_amount numeric,
    open_amount numeric,
    overturned_amount numeric,
    written_off_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        submitted_month,
        first_shown,
        denial_count,
        initial_denial_amount,
        open_amount,
        overturned_amount,
        written_off_amount
    from ops.denied_by('service_line');
end;
$$;
create view marts_pooled.service_line_denial as
select * from ops.pooled_service_line_denial();
comment on view marts_pooled.service_line_denial is
'One row per month of submission and service line with its denials';

create function ops.pooled_payer_denial() returns table (
    submitted_month date,
    payer_code text,
    denial_count bigint,
    initial_denial_amount numeric,
    open_amount numeric,
    overturned_amount numeric,
    written_off_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        submitted_month,
        first_shown,
        denial_count,
        initial_denial_amount,
        open_amount,
        overturned_amount,
        written_off_amount
    from ops.denied_by('payer');
end;
$$;
create view marts_pooled.payer_denial as
select * from ops.pooled_payer_denial();
comment on view marts_pooled.payer_denial is
'One row per month of submission and payer with its denials';

create function ops.pooled_denial_cause() returns table (
    submitted_month date,
    denial_cause text,
    denial_state text,
    denial_count bigint,
    initial_denial_amount numeric,
    open_amount numeric,
    overturned_amount numeric,
    written_off_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select * from ops.denied_by('cause');
end;
$$;
create view marts_pooled.denial_cause as
select * from ops.pooled_denial_cause();
comment on view marts_pooled.denial_cause is
'One row per month of submission, cause of denial and what became of it';
