select
    facility_code,
    department_code,
    cost_center_code
from {{ source('reference', 'department_cost_center') }}
