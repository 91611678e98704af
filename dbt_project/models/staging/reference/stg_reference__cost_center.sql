select
    {{ version_key('cost_center_code', 'valid_from') }} as cost_center_key,
    cost_center_code,
    facility_code,
    cost_center_name,
    cost_center_kind,
    stock_location_code,
    valid_from,
    valid_to
from {{ source('reference', 'cost_center') }}
