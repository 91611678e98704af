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

-- What the schedule says of the days to cover it says day by day.
scheduled as (
    select
        series.facility_code,
        series.stock_location_code,
        series.item_code,
        'scheduled' as forecast_method,
        coalesce(sum(told.expected_quantity) filter (where told.is_in_week), 0)
            as week_quantity,
        coalesce(
            sum(told.expected_quantity) filter (
                where told.case_date - series.week_start_date < series.cover_days
            ),
            0
        ) as cover_quantity
    from series
    inner join {{ ref('scheduled_case_usage') }} as told
        on
            series.facility_code = told.facility_code
            and series.stock_location_code = told.stock_location_code
            and series.item_code = told.item_code
            and series.week_number = told.week_number
    group by series.facility_code, series.stock_location_code, series.item_code
),

ahead as (
    select
        told.*,
        series.week_start_date,
        series.service_rate,
        series.cover_days,
        coalesce(scheduled.cover_quantity, 0) as scheduled_quantity,
        round(
            (told.forecast_quantity - coalesce(scheduled.week_quantity, 0))
            * series.cover_days / 7
            + coalesce(scheduled.cover_quantity, 0),
            4
        ) as cover_quantity,
        coalesce(on_hand.on_hand_quantity, 0) as on_hand_quantity
    from {{ ref('forecast_step') }} as told
    inner join series
        on
            told.facility_code = series.facility_code
            and told.stock_location_code = series.stock_location_code
            and told.item_code = series.item_code
            and told.week_number = series.week_number
    left join scheduled
        on
            told.facility_code = scheduled.facility_code
            and told.stock_location_code = scheduled.stock_location_code
            and told.item_code = scheduled.item_code
            and told.forecast_method = scheduled.forecast_method
    left join {{ on_hand() | indent(4) }} as on_hand
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
    leveled.scheduled_quantity,
    leveled.cover_quantity,
    leveled.level_quantity,
    leveled.on_hand_quantity,
    greatest(leveled.level_quantity - leveled.on_hand_quantity, 0)
        as proposed_quantity,
    accuracy.scored_weeks_count,
    accuracy.scaled_error,
    accuracy.pinball_loss,
    accuracy.method_rank = 1 as is_best,
    leveled.forecast_method = 'scheduled' as is_proposal
from leveled
left join {{ ref('forecast_accuracy') }} as accuracy
    on
        leveled.facility_code = accuracy.facility_code
        and leveled.stock_location_code = accuracy.stock_location_code
        and leveled.item_code = accuracy.item_code
        and leveled.forecast_method = accuracy.forecast_method
