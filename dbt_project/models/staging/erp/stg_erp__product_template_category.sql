with source as (
    {{ record_history('raw_erp', 'product.template') }}
)

select
    source.record_id,
    source.resource_id || '|' || category.ordinality as template_category_id,
    source.resource_id as template_id_erp,
    category.value ->> 'id' as product_category_id,
    category.ordinality as category_number,
    source.valid_from,
    source.valid_to
from source
cross join lateral {{ numbered_elements("source.body -> 'categories'") }} as category
