select
    facility_code,
    allocation_method,
    valid_from,
    valid_to
from {{ source('reference', 'allocation_method') }}
