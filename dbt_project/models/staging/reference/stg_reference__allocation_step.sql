select
    facility_code,
    step_number,
    cost_centre_code,
    basis
from {{ source('reference', 'allocation_step') }}
