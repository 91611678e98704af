with source as (
    {{ latest_record('raw_erp', 'stock.location') }}
)

select
    record_id,
    resource_id as stock_location_id_erp,
    {{ erp_field('code') }} as stock_location_code,
    {{ erp_field('type') }} as stock_location_type
from source
