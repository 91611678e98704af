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
create view marts_pooled.service_line_margin as
select * from ops.pooled_service_line_margin();
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
create view marts_pooled.payer_margin_rate as
select * from ops.pooled_payer_margin_rate();
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
create view marts_pooled.facility_margin as
select * from ops.pooled_facility_margin();
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
create view marts_pooled.discharge as
select * from ops.pooled_discharge();
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
create view marts_pooled.service_line_budget as
select * from ops.pooled_service_line_budget();
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
create view marts_pooled.margin_driver as
select * from ops.pooled_margin_driver();
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
create view marts_pooled.revenue_cycle_kpi as
select * from ops.pooled_revenue_cycle_kpi();
comment on view marts_pooled.revenue_cycle_kpi is
'One row per month and metric of the revenue cycle, all facilities together';
