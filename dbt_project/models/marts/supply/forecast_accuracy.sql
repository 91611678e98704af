-- Errors are of the held-back weeks, each told one week ahead. MASE scales them by what
-- the last value alone would have missed in the weeks before.
with moved as (
    select
        *,
        abs(
            demand_quantity - lag(demand_quantity) over (
                partition by facility_code, stock_location_code, item_code
                order by week_number
            )
        ) as naive_error
    from {{ ref('weekly_demand') }}
),

scale as (
    select
        facility_code,
        stock_location_code,
        item_code,
        avg(naive_error) as naive_error
    from moved
    where is_training
    group by facility_code, stock_location_code, item_code
),

told as (
    select
        step.facility_code,
        step.stock_location_code,
        step.item_code,
        step.forecast_method,
        step.forecast_quantity,
        actual.service_rate,
        actual.demand_quantity
    from {{ ref('forecast_step') }} as step
    inner join {{ ref('weekly_demand') }} as actual
        on
            step.facility_code = actual.facility_code
            and step.stock_location_code = actual.stock_location_code
            and step.item_code = actual.item_code
            and step.week_number = actual.week_number
    where not actual.is_training and not actual.is_censored
),

-- Much the same is told of many weeks: its level is found once.
leveled as (
    select
        forecast_quantity,
        service_rate,
        {{ poisson_level('forecast_quantity', 'service_rate') | indent(8) }}
            as level_quantity
    from told
    group by forecast_quantity, service_rate
),

missed as (
    select
        told.*,
        told.demand_quantity - told.forecast_quantity as forecast_error,
        told.demand_quantity - leveled.level_quantity as level_error
    from told
    inner join leveled
        on
            told.forecast_quantity = leveled.forecast_quantity
            and told.service_rate = leveled.service_rate
),

scored as (
    select
        facility_code,
        stock_location_code,
        item_code,
        forecast_method,
        count(*) as scored_weeks_count,
        avg(abs(forecast_error)) as absolute_error,
        avg(
            greatest(service_rate * level_error, (service_rate - 1) * level_error)
        ) as pinball_loss
    from missed
    group by facility_code, stock_location_code, item_code, forecast_method
)

select
    scored.facility_code,
    scored.stock_location_code,
    scored.item_code,
    scored.forecast_method,
    scored.scored_weeks_count,
    round(scored.absolute_error, 4) as absolute_error,
    round(scale.naive_error, 4) as naive_error,
    round(scored.absolute_error / nullif(scale.naive_error, 0), 4) as scaled_error,
    round(scored.pinball_loss, 4) as pinball_loss,
    rank() over (
        partition by
            scored.facility_code, scored.stock_location_code, scored.item_code
        order by round(scored.absolute_error, 4)
    ) as method_rank
from scored
left join scale
    on
        scored.facility_code = scale.facility_code
        and scored.stock_location_code = scale.stock_location_code
        and scored.item_code = scale.item_code
