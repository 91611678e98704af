with source as (
    {{ latest_record('raw_erp', 'product.category') }}
)

select
    record_id,
    resource_id as product_category_id,
    {{ erp_field('code') }} as product_category_code,
    {{ erp_field('name') }} as product_category_name
from source
