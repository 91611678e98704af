select
    facility_code,
    facility_name,
    valid_from,
    valid_to
from {{ source('reference', 'facility') }}
