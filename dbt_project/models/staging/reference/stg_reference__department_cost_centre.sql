select
    facility_code,
    department_code,
    cost_centre_code
from {{ source('reference', 'department_cost_centre') }}
