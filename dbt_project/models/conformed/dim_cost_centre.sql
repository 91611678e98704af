select
    cost_centre_code,
    facility_code,
    cost_centre_name,
    cost_centre_kind,
    stock_location_code
from {{ ref('stg_reference__cost_centre') }}
union all
select
    'unmapped' as cost_centre_code,
    'unmapped' as facility_code,
    'Unmapped' as cost_centre_name,
    'unmapped' as cost_centre_kind,
    null as stock_location_code
