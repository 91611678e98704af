select
    cost_centre_code,
    facility_code,
    cost_centre_name,
    cost_centre_kind,
    stock_location_code
from {{ source('reference', 'cost_centre') }}
