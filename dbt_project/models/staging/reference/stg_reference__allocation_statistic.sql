select
    facility_code,
    cost_center_code,
    basis,
    quantity
from {{ source('reference', 'allocation_statistic') }}
