-- What executives and directors read: sums of a month, names of few cases added together
-- by the rule of the board pack (ledgerline.board_pack.suppression).
create schema marts_pooled;
comment on schema marts_pooled is
'The marts as those read them who see no cases: names of 1 to 10 cases are added together';

create function ops.is_small_cell(counted numeric) returns boolean
language sql immutable parallel safe
return counted > 0 and counted <= 10;
comment on function ops.is_small_cell is
'Whether so few cases must not be shown; 0 is about nobody';

create function ops.pooled(totals jsonb) returns text[]
language sql immutable parallel safe
begin atomic
    with ascending as (
        select
            key as name,
            value::numeric as counted,
            sum(value::numeric) over (
                order by value::numeric, key collate "C"
                rows between unbounded preceding and 1 preceding
            ) as before
        from jsonb_each_text(totals)
    )
    select coalesce(array_agg(name), '{}')
    from ascending
    where
        (counted <= 10 or ops.is_small_cell(before))
        and (select bool_or(ops.is_small_cell(each.counted)) from ascending as each);
end;
comment on function ops.pooled is
'The names that are shown together, so that each total shown is large; as the board pack has it';

create type ops.cell as (month date, first_name text, second_name text, counted numeric);

-- First names are pooled within the month, second names within what became of the first.
-- Each class that is left has no case or more than 10, so whatever a reader adds up,
-- filters and subtracts is about more than 10. Dollars of no line, and no case, are
-- always named.
create function ops.pooled_cells(cells ops.cell []) returns table (
    month date, first_name text, second_name text, first_shown text, second_shown text
)
language sql immutable
begin atomic
    with cell as (
        select given.month, given.first_name, given.second_name,
            sum(given.counted) as counted
        from unnest(cells) as given
        group by given.month, given.first_name, given.second_name
    ),

    first_pool as (
        select total.month,
            ops.pooled(coalesce(jsonb_object_agg(total.name, total.counted) filter (
                where total.counted > 0 or total.name not in ('unmapped', 'unallocated')
            ), '{}')) as pool
        from (
            select cell.month, cell.first_name as name, sum(cell.counted) as counted
            from cell group by cell.month, cell.first_name
        ) as total
        group by total.month
    ),

    first_named as (
        select cell.*,
            case when cell.first_name = any(pool) then 'other' else cell.first_name end
                as first_shown
        from cell inner join first_pool using (month)
    ),

    second_pool as (
        select total.month, total.first_shown,
            ops.pooled(jsonb_object_agg(total.name, total.counted)) as pool
        from (
            select first_named.month, first_named.first_shown,
                first_named.second_name as name, sum(first_named.counted) as counted
            from first_named
            group by first_named.month, first_named.first_shown, first_named.second_name
        ) as total
        group by total.month, total.first_shown
    ),

    second_named as (
        select first_named.*,
            case
                when first_named.second_name = any(pool) then 'other'
                else first_named.second_name
            end as second_shown
        from first_named inner join second_pool using (month, first_shown)
    )

    select named.month, named.first_name, named.second_name, named.first_shown,
        named.second_shown
    from (
        select second_named.*,
            sum(second_named.counted) over (
                partition by second_named.month, second_named.first_shown,
                    second_named.second_shown
            ) as together
        from second_named
    ) as named
    where not ops.is_small_cell(named.together);
end;
comment on function ops.pooled_cells is
'What each cell is shown as; a month of too few cases is left out';

-- Several items may be used in the same few encounters: a few of one item count nearly
-- nothing towards the others, so that they are shown with an item of many, or not at all.
create function ops.counted_apart(counted numeric) returns numeric
language sql immutable parallel safe
return case when ops.is_small_cell(counted) then counted / 1000000 else counted end;
comment on function ops.counted_apart is
'A count for cells whose cases may be the same: few together stay few';

create function ops.sees_line(line text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    select
        exists (
            select from unnest(array['executive', 'analyst']) as wide
            where pg_has_role(reader.name, 'ledgerline_' || wide, 'usage')
        )
        or exists (
            select from reference.director_line as own
            where 'director_' || own.director_name = reader.name
                and own.service_line_code = line
        )
    from (
        select coalesce(nullif(current_setting('role'), 'none'), session_user) as name
    ) as reader;
end;
comment on function ops.sees_line is
'Whether whoever asks sees a service line: executives and analysts each, directors theirs';

-- Publication makes the views of marts anew when their columns change: nothing may
-- depend on them, so each relation is a function that names them when it is asked.
create function ops.shown_lines() returns table (
    service_month date, service_line_code text, payer_class text,
    line_shown text, payer_shown text
)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select cell.*
    from ops.pooled_cells((
        select array_agg(row(
            line.service_month, line.service_line_code, line.payer_class,
            line.encounter_count
        )::ops.cell)
        from marts.service_line_profitability as line
    )) as cell;
end;
$$;
comment on function ops.shown_lines is
'What a service line and, within it, a payer class of a month is shown as to those who see no cases';

revoke execute on function ops.sees_line, ops.shown_lines from public;

create function ops.pooled_service_line_margin() returns table (
    service_month date,
    service_line_code text,
    encounter_count bigint,
    gross_charge_amount numeric,
    contractual_amount numeric,
    denial_amount numeric,
    other_adjustment_amount numeric,
    net_revenue_amount numeric,
    supply_cost numeric,
    implant_cost numeric,
    drug_cost numeric,
    labor_cost numeric,
    other_direct_cost numeric,
    overhead_cost numeric,
    contribution_margin_amount numeric,
    operating_margin_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        service_month,
        shown.line_shown,
        sum(line.encounter_count)::bigint,
        sum(line.gross_charge_amount),
        sum(line.contractual_amount),
        sum(line.denial_amount),
        sum(line.other_adjustment_amount),
        sum(line.net_revenue_amount),
        sum(line.supply_cost),
        sum(line.implant_cost),
        sum(line.drug_cost),
        sum(line.labor_cost),
        sum(line.other_direct_cost),
        sum(line.overhead_cost),
        sum(line.contribution_margin_amount),
        sum(line.operating_margin_amount)
    from marts.service_line_profitability as line
    inner join ops.shown_lines() as shown
        using (service_month, service_line_code, payer_class)
    where ops.sees_line(shown.line_shown)
    group by service_month, shown.line_shown;
end;
$$;
create view marts_pooled.service_line_margin as select * from ops.pooled_service_line_margin();
comment on view marts_pooled.service_line_margin is
'One row per month and service line, those of few cases together as other';

create function ops.pooled_payer_margin_rate() returns table (
    service_month date,
    service_line_code text,
    payer_class text,
    contribution_margin_rate numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    -- A rate and no amount: with the totals of payers elsewhere, amounts would tell
    -- what a pooled payer class is.
    select
        service_month,
        shown.line_shown,
        shown.payer_shown,
        round(sum(line.contribution_margin_amount) / sum(line.net_revenue_amount), 3)
    from marts.service_line_profitability as line
    inner join ops.shown_lines() as shown
        using (service_month, service_line_code, payer_class)
    where ops.sees_line(shown.line_shown)
    group by service_month, shown.line_shown, shown.payer_shown
    having sum(line.net_revenue_amount) > 0 and sum(line.encounter_count) > 0;
end;
$$;
create view marts_pooled.payer_margin_rate as select * from ops.pooled_payer_margin_rate();
comment on view marts_pooled.payer_margin_rate is
'One row per month, service line and payer class with its contribution margin over net revenue';

create function ops.pooled_facility_margin() returns table (
    service_month date,
    facility_code text,
    encounter_count bigint,
    gross_charge_amount numeric,
    contractual_amount numeric,
    denial_amount numeric,
    other_adjustment_amount numeric,
    net_revenue_amount numeric,
    supply_cost numeric,
    implant_cost numeric,
    drug_cost numeric,
    labor_cost numeric,
    other_direct_cost numeric,
    overhead_cost numeric,
    contribution_margin_amount numeric,
    operating_margin_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with total as (
        select line.service_month, line.facility_code, sum(line.encounter_count) as cases
        from marts.service_line_profitability as line
        group by line.service_month, line.facility_code
    ),

    shown as (
        select cell.month as service_month, cell.first_name as facility_code,
            cell.first_shown as facility_shown
        from ops.pooled_cells((
            select array_agg(row(service_month, facility_code, '', cases)::ops.cell)
            from total
        )) as cell
    )

    select
        service_month,
        shown.facility_shown,
        sum(line.encounter_count)::bigint,
        sum(line.gross_charge_amount),
        sum(line.contractual_amount),
        sum(line.denial_amount),
        sum(line.other_adjustment_amount),
        sum(line.net_revenue_amount),
        sum(line.supply_cost),
        sum(line.implant_cost),
        sum(line.drug_cost),
        sum(line.labor_cost),
        sum(line.other_direct_cost),
        sum(line.overhead_cost),
        sum(line.contribution_margin_amount),
        sum(line.operating_margin_amount)
    from marts.service_line_profitability as line
    inner join shown using (service_month, facility_code)
    group by service_month, shown.facility_shown;
end;
$$;
create view marts_pooled.facility_margin as select * from ops.pooled_facility_margin();
comment on view marts_pooled.facility_margin is
'One row per month and facility, those of few cases together as other';

create function ops.pooled_discharge() returns table (
    service_month date,
    discharge_count bigint,
    drg_weight_total numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        line.service_month,
        sum(line.discharge_count)::bigint,
        sum(line.drg_weight_total)
    from marts.service_line_profitability as line
    where line.service_month in (select each.service_month from ops.shown_lines() as each)
    group by line.service_month
    having not ops.is_small_cell(sum(line.discharge_count));
end;
$$;
create view marts_pooled.discharge as select * from ops.pooled_discharge();
comment on view marts_pooled.discharge is
'One row per month with discharges and their DRG weight: few where encounters are many, so of no line';

create function ops.pooled_service_line_budget() returns table (
    service_month date,
    service_line_code text,
    budget_net_revenue_amount numeric,
    budget_total_cost numeric,
    budget_operating_margin_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    -- A budget is about nobody; it stands under the names that actuals are shown by.
    with shown as (
        select distinct each.service_month, each.service_line_code, each.line_shown
        from ops.shown_lines() as each
    ),

    named as (
        select ladder.*, coalesce(shown.line_shown, ladder.dimension_code) as line_shown
        from marts.margin_ladder as ladder
        left join shown
            on
                ladder.service_month = shown.service_month
                and ladder.dimension_code = shown.service_line_code
        where ladder.dimension_name = 'service_line'
    )

    select
        service_month,
        line_shown,
        sum(named.budget_net_revenue_amount),
        sum(named.budget_total_cost),
        sum(named.budget_operating_margin_amount)
    from named
    where ops.sees_line(line_shown)
    group by service_month, line_shown;
end;
$$;
create view marts_pooled.service_line_budget as select * from ops.pooled_service_line_budget();
comment on view marts_pooled.service_line_budget is
'One row per month and service line as its actuals are shown, with its budget';

create function ops.pooled_margin_driver() returns table (
    service_month date,
    service_line_code text,
    effect_name text,
    effect_amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    -- The effects of a line add up to its change since the month before: it stands alone
    -- where it does in both months, and with the others where it does not.
    with alone as (
        select distinct each.service_month, each.service_line_code
        from ops.shown_lines() as each
        where each.line_shown = each.service_line_code
    ),

    in_both as (
        select now.service_month, now.service_line_code
        from alone as now
        inner join alone as before
            on
                now.service_line_code = before.service_line_code
                and now.service_month = (before.service_month + interval '1 month')::date
    ),

    named as (
        select
            change.service_month,
            coalesce(own.service_line_code, 'other') as line_shown,
            change.effect_name,
            change.effect_amount
        from marts.margin_change as change
        left join in_both as own
            on
                change.service_month = own.service_month
                and change.dimension_code = own.service_line_code
        where
            change.dimension_name = 'service_line'
            and change.service_month in (select now.service_month from in_both as now)
    )

    select service_month, line_shown, effect_name, sum(named.effect_amount)
    from named
    where ops.sees_line(line_shown)
    group by service_month, line_shown, effect_name;
end;
$$;
create view marts_pooled.margin_driver as select * from ops.pooled_margin_driver();
comment on view marts_pooled.margin_driver is
'One row per month, service line and effect; lines of few cases in it or the month before together as other';

create function ops.pooled_revenue_cycle_kpi() returns table (
    kpi_month date,
    metric_name text,
    metric_value numeric,
    unit text,
    definition text,
    definition_source text
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select
        kpi.kpi_month,
        kpi.metric_name,
        kpi.metric_value,
        kpi.unit,
        kpi.definition,
        kpi.definition_source
    from marts.revenue_cycle_kpi as kpi
    where
        kpi.facility_code = '*'
        and kpi.kpi_month in (select each.service_month from ops.shown_lines() as each);
end;
$$;
create view marts_pooled.revenue_cycle_kpi as select * from ops.pooled_revenue_cycle_kpi();
comment on view marts_pooled.revenue_cycle_kpi is
'One row per month and metric of the revenue cycle, all facilities together';

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
create view marts_pooled.supply_use as select * from ops.pooled_supply_use();
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
create view marts_pooled.surgical_supply as select * from ops.pooled_surgical_supply();
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
create view marts_pooled.supply_waste as select * from ops.pooled_supply_waste();
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
create view marts_pooled.unbilled_supply as select * from ops.pooled_unbilled_supply();
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
create view marts_pooled.stock as select * from ops.pooled_stock();
comment on view marts_pooled.stock is
'One row per facility, stock location and item with what is there, its levels and what to order; about no case';

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
    with shown as (select each.service_month from ops.shown_lines() as each),

    claims as (
        select
            service_month,
            claim.payer_code as name,
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
        where service_month in (select each.service_month from shown as each)
        group by service_month, claim.payer_code
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
    group by claims.service_month, cell.first_shown;
end;
$$;
create view marts_pooled.payer_reimbursement as select * from ops.pooled_payer_reimbursement();
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
    with shown as (
        select distinct each.service_month, each.service_line_code, each.line_shown
        from ops.shown_lines() as each
    ),

    claims as (
        select
            service_month,
            coalesce(shown.line_shown, 'other') as name,
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
        left join shown using (service_month, service_line_code)
        where service_month in (select each.service_month from shown as each)
        group by service_month, coalesce(shown.line_shown, 'other')
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
    where ops.sees_line(cell.first_shown)
    group by claims.service_month, cell.first_shown;
end;
$$;
create view marts_pooled.service_line_reimbursement as select * from ops.pooled_service_line_reimbursement();
comment on view marts_pooled.service_line_reimbursement is
'One row per month and service line with what claims were expected to bring, and what was allowed and paid';

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
    with denied as (
        select
            denial.submitted_month as month,
            coalesce(denial.service_line_code, '') as first_name,
            '' as second_name,
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
        sum(denied.cases)::bigint,
        sum(denied.initial_denial_amount),
        sum(denied.open_amount),
        sum(denied.overturned_amount),
        sum(denied.written_off_amount)
    from denied
    inner join ops.pooled_cells((
        select array_agg(row(month, first_name, second_name, cases)::ops.cell) from denied
    )) as cell using (month, first_name, second_name)
    where ops.sees_line(cell.first_shown)
    group by month, cell.first_shown;
end;
$$;
create view marts_pooled.service_line_denial as select * from ops.pooled_service_line_denial();
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
    with denied as (
        select
            denial.submitted_month as month,
            coalesce(denial.payer_code, '') as first_name,
            '' as second_name,
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
        sum(denied.cases)::bigint,
        sum(denied.initial_denial_amount),
        sum(denied.open_amount),
        sum(denied.overturned_amount),
        sum(denied.written_off_amount)
    from denied
    inner join ops.pooled_cells((
        select array_agg(row(month, first_name, second_name, cases)::ops.cell) from denied
    )) as cell using (month, first_name, second_name)
    group by month, cell.first_shown;
end;
$$;
create view marts_pooled.payer_denial as select * from ops.pooled_payer_denial();
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
    with denied as (
        select
            denial.submitted_month as month,
            coalesce(denial.denial_cause, '') as first_name,
            coalesce(denial.denial_state, '') as second_name,
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
    group by month, cell.first_shown, cell.second_shown;
end;
$$;
create view marts_pooled.denial_cause as select * from ops.pooled_denial_cause();
comment on view marts_pooled.denial_cause is
'One row per month of submission, cause of denial and what became of it';

-- Analysts look at the same pages; what is about cases they read in marts.
grant usage on schema marts_pooled
to ledgerline_executive, ledgerline_director, ledgerline_analyst;
grant select on all tables in schema marts_pooled
to ledgerline_executive, ledgerline_analyst;
grant select on
marts_pooled.service_line_margin,
marts_pooled.payer_margin_rate,
marts_pooled.surgical_supply,
marts_pooled.service_line_reimbursement
to ledgerline_director;

-- Executives keep, of marts, what migrations made that is about no case.
alter default privileges in schema marts
revoke select on tables from ledgerline_executive;
alter default privileges in schema marts_history
revoke select on tables from ledgerline_executive;
revoke select on all tables in schema marts, marts_history from ledgerline_executive;
revoke usage on schema marts_history from ledgerline_executive;
grant select on
marts.publication_status,
marts.code_name,
marts.reconciliation,
marts.reconciliation_break,
marts.reconciliation_effort,
marts.close_cockpit,
marts.workflow_health,
marts.time_to_ledger
to ledgerline_executive;

-- Directors read their lines in marts_pooled: rows of cases are not shown by line any more.
drop schema marts_by_line cascade;
drop function ops.show_by_line (text);
