with source as (
    {{ record_history('raw_erp', 'product.product') }}
)

select
    record_id,
    resource_id as product_id_erp,
    {{ erp_field('template.id') }} as template_id_erp,
    {{ erp_field('code') }} as item_code,
    coalesce(({{ erp_field('active') }})::boolean, true) as is_active,
    valid_from,
    valid_to
from source
