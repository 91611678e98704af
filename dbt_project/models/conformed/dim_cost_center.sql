select
    cost_center_code,
    facility_code,
    cost_center_name,
    cost_center_kind,
    stock_location_code
from {{ ref('stg_reference__cost_center') }}
union all
select
    'unmapped' as cost_center_code,
    'unmapped' as facility_code,
    'Unmapped' as cost_center_name,
    'unmapped' as cost_center_kind,
    null as stock_location_code
