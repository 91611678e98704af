select
    facility_code,
    revenue_code,
    cost_centre_code,
    cost_method
from {{ source('reference', 'revenue_centre') }}
