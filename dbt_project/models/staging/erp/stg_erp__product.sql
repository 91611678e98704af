with source as (
    {{ latest_record('raw_erp', 'product.product') }}
)

select
    record_id,
    resource_id as product_id_erp,
    {{ erp_field('template.id') }} as template_id_erp,
    {{ erp_field('code') }} as item_code,
    coalesce(({{ erp_field('active') }})::boolean, true) as is_active
from source
