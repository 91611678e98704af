select
    facility_code,
    cost_center_code,
    basis,
    quantity,
    valid_from,
    valid_to
from {{ source('reference', 'allocation_statistic') }}
