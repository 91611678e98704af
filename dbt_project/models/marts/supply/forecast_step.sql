-- What each method says of a week, from the weeks before it and nothing else: a rolling
-- origin. TSB moves the chance of demand every week and its size with demand; Croston
-- moves size and interval with demand, SBA is Croston less its bias. A week without
-- stock teaches nothing.
with recursive state as (
    select
        facility_code,
        stock_location_code,
        item_code,
        1 as week_number,
        initial_rate::numeric as tsb_rate,
        initial_quantity::numeric as tsb_quantity,
        null::numeric as croston_quantity,
        null::numeric as croston_interval,
        1 as weeks_since,
        0::numeric as total_quantity,
        0 as taught_count,
        0::numeric as last_quantity
    from {{ ref('weekly_demand') }}
    where week_number = 1
    union all
    select
        state.facility_code,
        state.stock_location_code,
        state.item_code,
        state.week_number + 1 as week_number,
        case
            when told.is_censored then state.tsb_rate
            else
                round(
                    0.9 * state.tsb_rate
                    + 0.1 * (told.demand_quantity > 0)::integer,
                    12
                )
        end as tsb_rate,
        case
            when told.is_censored or told.demand_quantity <= 0 then state.tsb_quantity
            else round(0.8 * state.tsb_quantity + 0.2 * told.demand_quantity, 12)
        end as tsb_quantity,
        case
            when told.is_censored or told.demand_quantity <= 0
                then state.croston_quantity
            else
                round(
                    0.9 * coalesce(state.croston_quantity, told.demand_quantity)
                    + 0.1 * told.demand_quantity,
                    12
                )
        end as croston_quantity,
        case
            when told.is_censored or told.demand_quantity <= 0
                then state.croston_interval
            else
                round(
                    0.9 * coalesce(state.croston_interval, state.weeks_since)
                    + 0.1 * state.weeks_since,
                    12
                )
        end as croston_interval,
        case
            when told.is_censored then state.weeks_since
            when told.demand_quantity > 0 then 1
            else state.weeks_since + 1
        end as weeks_since,
        state.total_quantity
        + case when told.is_censored then 0 else told.demand_quantity end
            as total_quantity,
        state.taught_count + (not told.is_censored)::integer as taught_count,
        case
            when told.is_censored then state.last_quantity
            else told.demand_quantity
        end as last_quantity
    from state
    inner join {{ ref('weekly_demand') }} as told
        on
            state.facility_code = told.facility_code
            and state.stock_location_code = told.stock_location_code
            and state.item_code = told.item_code
            and state.week_number = told.week_number
)

select
    state.facility_code,
    state.stock_location_code,
    state.item_code,
    state.week_number,
    expected.forecast_method,
    round(coalesce(expected.forecast_quantity, 0), 4) as forecast_quantity
from state
cross join
    lateral (
        values
        ('tsb', state.tsb_rate * state.tsb_quantity),
        ('croston', state.croston_quantity / state.croston_interval),
        ('sba', 0.95 * state.croston_quantity / state.croston_interval),
        ('mean', state.total_quantity / nullif(state.taught_count, 0)),
        ('naive', state.last_quantity)
    ) as expected (forecast_method, forecast_quantity)
