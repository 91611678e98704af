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

missed as (
    select
        told.facility_code,
        told.stock_location_code,
        told.item_code,
        told.forecast_method,
        actual.service_rate,
        actual.demand_quantity,
        actual.demand_quantity - told.forecast_quantity as forecast_error,
        actual.demand_quantity
        - {{ poisson_level(
            'told.forecast_quantity', 'actual.service_rate'
        ) | indent(8) }}
            as level_error
    from {{ ref('forecast_step') }} as told
    inner join {{ ref('weekly_demand') }} as actual
        on
            told.facility_code = actual.facility_code
            and told.stock_location_code = actual.stock_location_code
            and told.item_code = actual.item_code
            and told.week_number = actual.week_number
    where not actual.is_training and not actual.is_censored
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
