-- What the board pack shows of one month, all in one snapshot of the reader views.

-- name: publication
-- What readers see now, and the newest decision of the gate.
select
    shown.publication_id,
    shown.published_at,
    shown.held_facilities,
    shown.verdict,
    newest.verdict as newest_verdict,
    newest.decided_at
from marts_history.publication as shown
cross join lateral (
    select decision.verdict, decision.decided_at
    from ops.gate_decision as decision
    where decision.gate = 'publication'
    order by decision.decision_id desc
    limit 1
) as newest
order by shown.publication_id desc
limit 1

-- name: months
-- Months with cases that were over on the day of the publication, newest first.
select margin.service_month
from marts.service_line_profitability as margin
where
    margin.encounter_count > 0
    and margin.service_month
    < date_trunc('month', %(published_at)s::timestamptz at time zone 'UTC')
group by margin.service_month
order by margin.service_month desc

-- name: cells
-- One row per service line and payer class.
select
    margin.service_line_code,
    line.service_line_name,
    margin.payer_class,
    sum(margin.encounter_count)::bigint as case_count,
    sum(margin.net_revenue_amount) as net_revenue_amount,
    sum(margin.contribution_margin_amount) as contribution_margin_amount,
    sum(margin.direct_margin_amount) as direct_margin_amount,
    sum(margin.operating_margin_amount) as operating_margin_amount,
    sum(margin.supply_cost + margin.implant_cost + margin.drug_cost) as item_cost
from marts.service_line_profitability as margin
left join conformed.dim_service_line as line
    on margin.service_line_code = line.service_line_code
where margin.service_month = %(month)s
group by margin.service_line_code, line.service_line_name, margin.payer_class
order by margin.service_line_code, margin.payer_class

-- name: ladder
-- One row per facility, with the month before and the budget.
select
    ladder.facility_code,
    facility.facility_name,
    ladder.encounter_count as case_count,
    ladder.drg_weight_total,
    ladder.discharge_count,
    ladder.net_revenue_amount,
    ladder.contribution_margin_amount,
    ladder.direct_margin_amount,
    ladder.operating_margin_amount,
    ladder.prior_net_revenue_amount,
    ladder.prior_operating_margin_amount,
    ladder.budget_net_revenue_amount,
    ladder.budget_operating_margin_amount
from marts.margin_ladder as ladder
left join lateral (
    select dim.facility_name
    from conformed.dim_facility as dim
    where dim.facility_code = ladder.facility_code
    order by dim.valid_from desc
    limit 1
) as facility on true
where ladder.dimension_name = 'facility' and ladder.service_month = %(month)s
order by ladder.facility_code

-- name: budgets
select
    ladder.dimension_code as service_line_code,
    sum(ladder.budget_operating_margin_amount) as budget_operating_margin_amount
from marts.margin_ladder as ladder
where ladder.dimension_name = 'service_line' and ladder.service_month = %(month)s
group by ladder.dimension_code

-- name: effects
-- Why the operating margin is not that of the month before.
select
    change.effect_name,
    sum(change.effect_amount) as effect_amount
from marts.margin_change as change
where change.dimension_name = 'facility' and change.service_month = %(month)s
group by change.effect_name
order by abs(sum(change.effect_amount)) desc, change.effect_name

-- name: supplies
-- What supplies cost, and how many encounters used some.
select
    used.item_category,
    sum(used.supply_cost) as supply_cost,
    (
        select count(distinct usage.encounter_id)
        from conformed.fct_supply_usage as usage
        where
            usage.service_month = %(month)s
            and usage.item_category = used.item_category
    ) as case_count
from marts.supply_utilization as used
where used.service_month = %(month)s
group by used.item_category
order by sum(used.supply_cost) desc

-- name: variances
select
    count(distinct variance.surgical_case_id) as case_count,
    coalesce(sum(variance.standard_amount), 0) as standard_amount,
    coalesce(sum(variance.usage_variance_amount), 0) as usage_variance_amount,
    coalesce(sum(variance.price_variance_amount), 0) as price_variance_amount,
    coalesce(sum(variance.substitution_variance_amount), 0)
        as substitution_variance_amount,
    coalesce(sum(variance.unmeasured_amount), 0) as unmeasured_amount,
    coalesce(sum(variance.unused_amount), 0) as unused_amount,
    coalesce(sum(variance.supply_cost), 0) as supply_cost
from marts.preference_card_variance as variance
where variance.service_month = %(month)s

-- name: losses
-- Dollars of supplies that brought nothing.
select
    loss.loss_name,
    sum(loss.loss_amount) as loss_amount,
    count(distinct loss.encounter_id) as case_count
from (
    select
        waste.waste_kind as loss_name,
        waste.waste_amount as loss_amount,
        null::text as encounter_id
    from marts.supply_waste as waste
    where waste.service_month = %(month)s
    union all
    select
        'unbilled' as loss_name,
        unbilled.unbilled_cost as loss_amount,
        unbilled.encounter_id
    from marts.unbilled_supply as unbilled
    where unbilled.service_month = %(month)s
) as loss
group by loss.loss_name
order by sum(loss.loss_amount) desc

-- name: metrics
-- The metrics of the revenue cycle that a board follows, for all facilities together.
select
    metric.metric_name,
    metric.metric_value,
    metric.unit,
    metric.definition
from marts.revenue_cycle_kpi as metric
where
    metric.kpi_month = %(month)s
    and metric.facility_code = '*'
    and metric.metric_code = any(%(codes)s)
order by array_position(%(codes)s, metric.metric_code)

-- name: reconciliation
-- How many balances were compared, and by how much they differ.
select
    count(*) as compared_count,
    coalesce(sum(abs(compared.difference_amount)), 0) as difference_amount
from marts.reconciliation as compared

-- name: unanswered
-- Charges that no payer has answered, and what they are expected to bring.
select
    coalesce(
        sum(margin.accrued_net_revenue_amount + margin.estimated_concession_amount), 0
    ) as gross_amount,
    coalesce(sum(margin.accrued_net_revenue_amount), 0) as expected_amount
from marts.service_line_profitability as margin
where margin.service_month = %(month)s

-- name: waiting
-- What is published and not in the ERP.
select coalesce(sum(health.waiting_amount), 0) as waiting_amount
from marts.workflow_health as health
where health.step like '%%\_posted'
