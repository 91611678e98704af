select
    dated.cost_center_key,
    dated.cost_center_code,
    dated.facility_code,
    dated.cost_center_name,
    dated.cost_center_kind,
    dated.stock_location_code,
    {{ holds_on('dated', 'current_date') | indent(4) }} as is_current,
    dated.valid_from,
    dated.valid_to
from {{ ref('stg_reference__cost_center') }} as dated
union all
select
    {{ unmapped_key() }} as cost_center_key,
    'unmapped' as cost_center_code,
    'unmapped' as facility_code,
    'Unmapped' as cost_center_name,
    'unmapped' as cost_center_kind,
    null as stock_location_code,
    true as is_current,
    {{ since_ever() }} as valid_from,
    null as valid_to
