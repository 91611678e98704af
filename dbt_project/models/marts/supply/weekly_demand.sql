-- Of items whose policy names the cost of a unit short and of one left over. The first
-- half of the weeks is what forecasts begin from, the second half is held back to score
-- them. Weeks are whole: from Monday to Sunday.
with observed as (
    select
        date_trunc('week', min(demand_date) + 6)::date as first_week,
        date_trunc('week', max(demand_date) + 1)::date - 7 as last_week
    from {{ ref('fct_item_demand') }}
),

policy as (
    select distinct on (
        wanted.facility_code, wanted.stock_location_code, wanted.item_code
    )
        wanted.facility_code,
        wanted.stock_location_code,
        wanted.item_code,
        observed.first_week,
        observed.last_week,
        (observed.last_week - observed.first_week) / 7 + 1 as week_count,
        round(
            listed.stock_out_cost / (listed.stock_out_cost + listed.holding_cost), 4
        ) as service_rate,
        listed.review_days + listed.lead_days as cover_days
    from {{ ref('fct_item_demand') }} as wanted
    cross join observed
    inner join {{ ref('dim_stock_policy') }} as listed
        on
            wanted.item_code = listed.item_code
            and listed.stock_location_code in ('*', wanted.stock_location_code)
            and {{ holds_on('listed', 'observed.last_week') | indent(12) }}
    where listed.stock_out_cost > 0 and listed.holding_cost > 0
    order by
        wanted.facility_code asc,
        wanted.stock_location_code asc,
        wanted.item_code asc,
        listed.stock_location_code = '*' asc
),

counted as (
    select
        policy.*,
        numbered.week_number,
        policy.first_week + 7 * (numbered.week_number - 1) as week_start_date,
        numbered.week_number <= (policy.week_count + 1) / 2 as is_training,
        coalesce(sum(wanted.used_quantity), 0) as demand_quantity,
        coalesce(bool_or(wanted.is_censored), false) as is_censored
    from policy
    cross join
        lateral generate_series(1, policy.week_count) as numbered (week_number)
    left join {{ ref('fct_item_demand') }} as wanted
        on
            policy.facility_code = wanted.facility_code
            and policy.stock_location_code = wanted.stock_location_code
            and policy.item_code = wanted.item_code
            and wanted.demand_date >= policy.first_week + 7 * (numbered.week_number - 1)
            and wanted.demand_date < policy.first_week + 7 * numbered.week_number
    group by
        policy.facility_code, policy.stock_location_code, policy.item_code,
        policy.first_week, policy.last_week, policy.week_count, policy.service_rate,
        policy.cover_days, numbered.week_number
)

select
    facility_code,
    stock_location_code,
    item_code,
    week_number,
    week_start_date,
    is_training,
    is_censored,
    demand_quantity,
    avg(
        case when is_training then (demand_quantity > 0)::integer end
    ) over series as initial_rate,
    coalesce(
        avg(
            case when is_training and demand_quantity > 0 then demand_quantity end
        ) over series,
        0
    ) as initial_quantity,
    service_rate,
    cover_days
from counted
window series as (partition by facility_code, stock_location_code, item_code)
