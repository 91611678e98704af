with source as (
    {{ record_history('raw_erp', 'product.template') }}
)

select
    record_id,
    resource_id as template_id_erp,
    {{ erp_field('name') }} as item_name,
    {{ erp_field('default_uom.symbol') }} as item_unit,
    coalesce({{ erp_field('type') }}, 'goods') <> 'service' as is_stocked,
    coalesce(({{ erp_field('active') }})::boolean, true) as is_active,
    valid_from,
    valid_to
from source
