select
    stock_location_code,
    item_code,
    is_consigned,
    review_days,
    lead_days,
    safety_quantity,
    order_unit,
    stock_out_cost,
    holding_cost,
    valid_from,
    valid_to
from {{ source('reference', 'stock_policy') }}
