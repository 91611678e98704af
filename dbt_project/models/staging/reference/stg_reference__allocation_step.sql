select
    cost_model_code,
    facility_code,
    step_number,
    cost_center_code,
    basis,
    valid_from,
    valid_to
from {{ source('reference', 'allocation_step') }}
