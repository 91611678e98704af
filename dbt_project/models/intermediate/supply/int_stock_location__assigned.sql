-- Several cost centers may draw from one store.
select distinct on (center.stock_location_code)
    center.stock_location_code,
    center.facility_code
from {{ ref('stg_reference__cost_center') }} as center
where
    center.stock_location_code is not null
    and {{ holds_on('center', 'current_date') | indent }}
order by center.stock_location_code, center.cost_center_code
