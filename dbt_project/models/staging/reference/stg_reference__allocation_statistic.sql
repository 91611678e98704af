select
    facility_code,
    cost_centre_code,
    basis,
    quantity
from {{ source('reference', 'allocation_statistic') }}
