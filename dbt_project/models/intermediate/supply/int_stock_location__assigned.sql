-- Several cost centers may draw from one store.
select distinct on (stock_location_code)
    stock_location_code,
    facility_code
from {{ ref('stg_reference__cost_center') }}
where stock_location_code is not null
order by stock_location_code, cost_center_code
