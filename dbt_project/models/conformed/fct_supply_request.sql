with filled as (
    select
        supply_request_id,
        sum(quantity) as filled_quantity
    from {{ ref('fct_supply_usage') }}
    where supply_request_id is not null
    group by supply_request_id
)

select
    request.supply_request_id,
    request.record_id,
    request.facility_code,
    request.department_code,
    request.stock_location_code,
    request.item_code,
    coalesce(filled.filled_quantity, 0) < request.requested_quantity as is_stock_out,
    request.requested_quantity,
    least(coalesce(filled.filled_quantity, 0), request.requested_quantity)
        as filled_quantity,
    request.request_date,
    {{ month_of('request.request_date') }} as service_month
from {{ ref('int_supply_request__located') }} as request
left join filled on request.supply_request_id = filled.supply_request_id
