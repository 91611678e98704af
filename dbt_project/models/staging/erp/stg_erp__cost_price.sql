with source as (
    {{ record_history('raw_erp', 'product.cost_price') }}
)

select
    record_id,
    resource_id as cost_price_id,
    {{ erp_field('product.id') }} as product_id_erp,
    {{ as_number(erp_field('cost_price')) }}::numeric(18, 4) as unit_cost,
    valid_from,
    valid_to
from source
