-- PAR = mean demand x (review + lead days) + safety stock, in whole packs; a repeating
-- decimal of the mean opens no further one. Days without stock are no
-- days of demand. Where a forecast is made, what is missing to its level is proposed.
with observed as (
    select
        greatest(min(demand_date), max(demand_date) - 364) as first_date,
        max(demand_date) as last_date
    from {{ ref('fct_item_demand') }}
),

demand as (
    select
        wanted.facility_code,
        wanted.stock_location_code,
        wanted.item_code,
        observed.last_date,
        observed.last_date - observed.first_date + 1
        - count(*) filter (where wanted.is_censored) as observed_days_count,
        count(*) filter (where wanted.is_censored) as stock_out_days_count,
        coalesce(sum(wanted.used_quantity) filter (where not wanted.is_censored), 0)
            as demand_quantity
    from {{ ref('fct_item_demand') }} as wanted
    cross join observed
    where wanted.demand_date >= observed.first_date
    group by
        wanted.facility_code, wanted.stock_location_code, wanted.item_code,
        observed.first_date, observed.last_date
),

policy as (
    select distinct on (
        demand.facility_code, demand.stock_location_code, demand.item_code
    )
        demand.*,
        demand.demand_quantity / nullif(demand.observed_days_count, 0)
            as daily_quantity,
        listed.is_consigned,
        listed.review_days,
        listed.lead_days,
        listed.safety_quantity,
        listed.order_unit
    from demand
    inner join {{ ref('dim_stock_policy') }} as listed
        on
            demand.item_code = listed.item_code
            and listed.stock_location_code in ('*', demand.stock_location_code)
            and {{ holds_on('listed', 'demand.last_date') | indent(12) }}
    order by
        demand.facility_code asc,
        demand.stock_location_code asc,
        demand.item_code asc,
        listed.stock_location_code = '*' asc
),

leveled as (
    select
        policy.*,
        policy.daily_quantity * policy.lead_days + policy.safety_quantity
            as reorder_quantity,
        policy.daily_quantity * (policy.review_days + policy.lead_days)
        + policy.safety_quantity as par_quantity,
        coalesce(on_hand.on_hand_quantity, 0) as on_hand_quantity,
        coalesce(on_hand.on_hand_amount, 0) as on_hand_amount,
        forecast.level_quantity as forecast_quantity,
        coalesce(policy.order_unit, item.item_unit) as quantity_unit,
        pack.item_quantity as pack_quantity
    from policy
    inner join {{ ref('dim_item') }} as item
        on policy.item_code = item.item_code and item.is_current
    left join {{ ref('dim_item_unit') }} as pack
        on
            policy.item_code = pack.item_code
            and coalesce(policy.order_unit, item.item_unit) = pack.pack_unit
    left join {{ on_hand() | indent(4) }} as on_hand
        on
            policy.stock_location_code = on_hand.stock_location_code
            and policy.item_code = on_hand.item_code
    left join {{ ref('supply_forecast') }} as forecast
        on
            policy.facility_code = forecast.facility_code
            and policy.stock_location_code = forecast.stock_location_code
            and policy.item_code = forecast.item_code
            and forecast.is_proposal
)

select
    facility_code,
    stock_location_code,
    item_code,
    is_consigned,
    case
        when pack_quantity is null then 'no_unit_conversion'
        when on_hand_quantity < 0 then 'negative_stock'
        when daily_quantity is null then 'no_observed_days'
        else ''
    end as level_issue,
    demand_quantity,
    stock_out_days_count,
    observed_days_count,
    round(daily_quantity, 4) as daily_quantity,
    review_days::integer as review_days,
    ceil(round(reorder_quantity / pack_quantity, 6)) as reorder_quantity,
    ceil(round(par_quantity / pack_quantity, 6)) as par_quantity,
    round(on_hand_quantity / pack_quantity, 4) as on_hand_quantity,
    ceil(forecast_quantity / pack_quantity) as forecast_level_quantity,
    case
        when forecast_quantity is not null
            then ceil(
                greatest(forecast_quantity - greatest(on_hand_quantity, 0), 0)
                / pack_quantity
            )
        when on_hand_quantity <= reorder_quantity
            then ceil(round(
                (par_quantity - greatest(on_hand_quantity, 0)) / pack_quantity, 6
            ))
        else 0
    end as proposed_quantity,
    quantity_unit,
    on_hand_amount
from leveled
