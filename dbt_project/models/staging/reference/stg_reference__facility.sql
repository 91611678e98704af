select
    facility_code,
    facility_name,
    time_zone,
    valid_from,
    valid_to
from {{ source('reference', 'facility') }}
