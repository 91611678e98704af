-- The window is the year up to the last usage, or what is known of it. Consigned stock
-- belongs to the supplier: neither its issues nor its value count.
with observed as (
    select
        greatest(min(usage_date), max(usage_date) - 364) as first_date,
        max(usage_date) as last_date,
        max(usage_date) - greatest(min(usage_date), max(usage_date) - 364) + 1
            as window_days
    from {{ ref('fct_supply_usage') }}
),

moved as (
    select
        usage.facility_code,
        usage.stock_location_code,
        usage.item_code,
        usage.supply_cost as issue_amount,
        0::numeric as inventory_amount
    from {{ ref('fct_supply_usage') }} as usage
    cross join observed
    where usage.usage_date >= observed.first_date
    union all
    select
        held.facility_code,
        held.stock_location_code,
        held.item_code,
        0 as issue_amount,
        held.inventory_amount
        * greatest(
            least(coalesce(held.valid_to, 'infinity'), observed.last_date + 1)
            - greatest(held.valid_from, observed.first_date),
            0
        ) / observed.window_days as inventory_amount
    from {{ ref('fct_inventory_period') }} as held
    cross join observed
    where observed.window_days > 0
),

counted as (
    select
        moved.facility_code,
        moved.stock_location_code,
        moved.item_code,
        sum(moved.issue_amount) as issue_amount,
        round(sum(moved.inventory_amount), 2) as average_inventory_amount
    from moved
    group by moved.facility_code, moved.stock_location_code, moved.item_code
),

policy as (
    select distinct on (counted.stock_location_code, counted.item_code)
        counted.stock_location_code,
        counted.item_code,
        listed.is_consigned
    from counted
    cross join observed
    inner join {{ ref('dim_stock_policy') }} as listed
        on
            counted.item_code = listed.item_code
            and listed.stock_location_code in ('*', counted.stock_location_code)
            and {{ holds_on('listed', 'observed.last_date') | indent(12) }}
    order by
        counted.stock_location_code asc,
        counted.item_code asc,
        listed.stock_location_code = '*' asc
),

annual as (
    select
        counted.facility_code,
        counted.stock_location_code,
        counted.item_code,
        counted.issue_amount,
        observed.first_date,
        observed.last_date,
        observed.window_days,
        coalesce(policy.is_consigned, false) as is_consigned,
        case
            when not coalesce(policy.is_consigned, false)
                then round(counted.issue_amount * 365 / observed.window_days, 2)
        end as annual_issue_amount,
        case
            when not coalesce(policy.is_consigned, false)
                then counted.average_inventory_amount
        end as average_inventory_amount
    from counted
    cross join observed
    left join policy
        on
            counted.stock_location_code = policy.stock_location_code
            and counted.item_code = policy.item_code
)

select
    facility_code,
    stock_location_code,
    item_code,
    is_consigned,
    issue_amount,
    annual_issue_amount,
    average_inventory_amount,
    round(annual_issue_amount / nullif(average_inventory_amount, 0), 2)
        as turnover_rate,
    round(365 * average_inventory_amount / nullif(annual_issue_amount, 0), 2)
        as days_on_hand,
    window_days,
    first_date,
    last_date
from annual
