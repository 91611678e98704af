select
    cost_center_code,
    facility_code,
    cost_center_name,
    cost_center_kind,
    stock_location_code
from {{ source('reference', 'cost_center') }}
