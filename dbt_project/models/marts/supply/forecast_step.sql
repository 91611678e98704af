-- What each method says of a week, from the weeks before it and nothing else: a rolling
-- origin. TSB moves the chance of demand every week and its size with demand; Croston
-- moves size and interval with demand, SBA is Croston less its bias. What is scheduled
-- adds what the cases on the schedule will use to TSB of the rest. A week without stock
-- teaches nothing.
with recursive state as (
    select
        facility_code,
        stock_location_code,
        item_code,
        demand_part,
        1 as week_number,
        initial_rate::numeric as tsb_rate,
        initial_quantity::numeric as tsb_quantity,
        null::numeric as croston_quantity,
        null::numeric as croston_interval,
        1 as weeks_since,
        0::numeric as total_quantity,
        0 as taught_count,
        0::numeric as last_quantity
    from {{ ref('divided_demand') }}
    where week_number = 1 and demand_part in ('all', 'rest')
    union all
    select
        state.facility_code,
        state.stock_location_code,
        state.item_code,
        state.demand_part,
        state.week_number + 1 as week_number,
        case
            when told.is_censored then state.tsb_rate
            else {{ smoothed(
                'state.tsb_rate', '(told.demand_quantity > 0)::integer', 0.1
            ) }}
        end as tsb_rate,
        case
            when told.is_censored or told.demand_quantity <= 0 then state.tsb_quantity
            else {{ smoothed('state.tsb_quantity', 'told.demand_quantity', 0.2) }}
        end as tsb_quantity,
        case
            when told.is_censored or told.demand_quantity <= 0
                then state.croston_quantity
            else {{ smoothed('state.croston_quantity', 'told.demand_quantity', 0.1) }}
        end as croston_quantity,
        case
            when told.is_censored or told.demand_quantity <= 0
                then state.croston_interval
            else {{ smoothed('state.croston_interval', 'state.weeks_since', 0.1) }}
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
    inner join {{ ref('divided_demand') }} as told
        on
            state.demand_part = told.demand_part
            and state.facility_code = told.facility_code
            and state.stock_location_code = told.stock_location_code
            and state.item_code = told.item_code
            and state.week_number = told.week_number
),

expected as (
    select
        facility_code,
        stock_location_code,
        item_code,
        week_number,
        sum(expected_quantity) as quantity
    from {{ ref('scheduled_case_usage') }}
    where is_in_week
    group by facility_code, stock_location_code, item_code, week_number
)

select
    state.facility_code,
    state.stock_location_code,
    state.item_code,
    state.week_number,
    told.forecast_method,
    round(coalesce(told.forecast_quantity, 0), 4) as forecast_quantity
from state
left join expected
    on
        state.facility_code = expected.facility_code
        and state.stock_location_code = expected.stock_location_code
        and state.item_code = expected.item_code
        and state.week_number = expected.week_number
inner join
    lateral (
        values
        (
            'rest',
            'scheduled',
            coalesce(expected.quantity, 0) + state.tsb_rate * state.tsb_quantity
        ),
        ('all', 'tsb', state.tsb_rate * state.tsb_quantity),
        ('all', 'croston', state.croston_quantity / state.croston_interval),
        ('all', 'sba', 0.95 * state.croston_quantity / state.croston_interval),
        ('all', 'mean', state.total_quantity / nullif(state.taught_count, 0)),
        ('all', 'naive', state.last_quantity)
    ) as told (demand_part, forecast_method, forecast_quantity)
    on state.demand_part = told.demand_part
