select
    facility_code,
    cost_model_code,
    allocation_method,
    charge_method,
    valid_from,
    valid_to
from {{ source('reference', 'cost_model') }}
