with source as (
    {{ latest_record('raw_erp', 'stock.lot') }}
)

select
    record_id,
    resource_id as lot_id_erp,
    coalesce({{ erp_field('product.code') }}, 'unmapped') as item_code,
    {{ erp_field('number') }} as lot_number,
    {{ as_date(erp_field('expiration_date')) }} as expiration_date,
    coalesce(({{ erp_field('active') }})::boolean, true) as is_active
from source
