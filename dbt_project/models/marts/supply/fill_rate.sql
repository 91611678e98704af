select
    service_month,
    facility_code,
    stock_location_code,
    item_code,
    count(*) as request_count,
    count(*) filter (where is_stock_out) as stock_out_count,
    round(
        (count(*) filter (where is_stock_out))::numeric / count(*), 4
    ) as stock_out_rate,
    sum(requested_quantity) as requested_quantity,
    sum(filled_quantity) as filled_quantity,
    round(sum(filled_quantity) / nullif(sum(requested_quantity), 0), 4)
        as fill_rate,
    count(distinct request_date) filter (where is_stock_out)
        as stock_out_days_count
from {{ ref('fct_supply_request') }}
where requested_quantity > 0
group by service_month, facility_code, stock_location_code, item_code
