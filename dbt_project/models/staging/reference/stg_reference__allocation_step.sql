select
    facility_code,
    step_number,
    cost_center_code,
    basis
from {{ source('reference', 'allocation_step') }}
