-- On a day without stock what was used says how much there was, not how much was
-- wanted.
with told as (
    select
        facility_code,
        stock_location_code,
        item_code,
        usage_date as demand_date,
        quantity as used_quantity,
        false as is_stock_out
    from {{ ref('fct_supply_usage') }}
    union all
    select
        facility_code,
        stock_location_code,
        item_code,
        request_date as demand_date,
        0 as used_quantity,
        is_stock_out
    from {{ ref('fct_supply_request') }}
    where is_stock_out
)

select
    facility_code,
    stock_location_code,
    item_code,
    demand_date,
    sum(used_quantity)::numeric(18, 4) as used_quantity,
    bool_or(is_stock_out) as is_censored
from told
group by facility_code, stock_location_code, item_code, demand_date
