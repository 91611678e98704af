select
    facility_code,
    facility_name,
    time_zone,
    valid_from,
    valid_to
from {{ ref('stg_reference__facility') }}
union all
select
    'unmapped' as facility_code,
    'Unmapped' as facility_name,
    'UTC' as time_zone,
    null as valid_from,
    null as valid_to
