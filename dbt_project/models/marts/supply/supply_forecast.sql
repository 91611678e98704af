-- Stock covers the demand of review and lead time with the probability that the costs
-- of a unit short and of one left over make worth its while.
with series as (
    select
        facility_code,
        stock_location_code,
        item_code,
        max(week_number) + 1 as week_number,
        max(week_start_date) + 7 as week_start_date,
        max(service_rate) as service_rate,
        max(cover_days) as cover_days
    from {{ ref('weekly_demand') }}
    group by facility_code, stock_location_code, item_code
),

on_hand as (
    select
        stock_location_code,
        item_code,
        sum(on_hand_quantity) as on_hand_quantity
    from {{ ref('fct_inventory_balance') }}
    group by stock_location_code, item_code
),

ahead as (
    select
        told.*,
        series.week_start_date,
        series.service_rate,
        series.cover_days,
        round(told.forecast_quantity * series.cover_days / 7, 4) as cover_quantity,
        coalesce(on_hand.on_hand_quantity, 0) as on_hand_quantity
    from {{ ref('forecast_step') }} as told
    inner join series
        on
            told.facility_code = series.facility_code
            and told.stock_location_code = series.stock_location_code
            and told.item_code = series.item_code
            and told.week_number = series.week_number
    left join on_hand
        on
            told.stock_location_code = on_hand.stock_location_code
            and told.item_code = on_hand.item_code
),

leveled as (
    select
        ahead.*,
        (
            {{ poisson_level(
                'ahead.cover_quantity', 'ahead.service_rate'
            ) | indent(12) }}
        )::numeric(18, 4) as level_quantity
    from ahead
)

select
    leveled.facility_code,
    leveled.stock_location_code,
    leveled.item_code,
    leveled.forecast_method,
    leveled.week_start_date,
    leveled.forecast_quantity,
    leveled.service_rate,
    leveled.cover_days,
    leveled.cover_quantity,
    leveled.level_quantity,
    leveled.on_hand_quantity,
    greatest(leveled.level_quantity - leveled.on_hand_quantity, 0)
        as proposed_quantity,
    accuracy.scored_weeks_count,
    accuracy.scaled_error,
    accuracy.pinball_loss,
    accuracy.method_rank = 1 as is_best,
    leveled.forecast_method = 'tsb' as is_proposal
from leveled
left join {{ ref('forecast_accuracy') }} as accuracy
    on
        leveled.facility_code = accuracy.facility_code
        and leveled.stock_location_code = accuracy.stock_location_code
        and leveled.item_code = accuracy.item_code
        and leveled.forecast_method = accuracy.forecast_method
