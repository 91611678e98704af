with source as (
    {{ latest_record('raw_erp', 'purchase.line') }}
)

select
    record_id,
    resource_id as purchase_order_line_id,
    {{ erp_field('purchase.id') }} as purchase_order_id_erp,
    coalesce({{ erp_field('product.code') }}, 'unmapped') as item_code,
    {{ as_number(erp_field('quantity')) }}::numeric(18, 4) as ordered_quantity,
    {{ erp_field('unit.symbol') }} as ordered_quantity_unit,
    {{ as_number(erp_field('unit_price')) }}::numeric(18, 4) as unit_price,
    {{ as_date(erp_field('delivery_date_store')) }} as delivery_date
from source
where coalesce({{ erp_field('type') }}, 'line') = 'line'
