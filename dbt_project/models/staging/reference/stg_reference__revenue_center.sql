select
    facility_code,
    revenue_code,
    cost_center_code,
    cost_method
from {{ source('reference', 'revenue_center') }}
