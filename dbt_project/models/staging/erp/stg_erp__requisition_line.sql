with source as (
    {{ latest_record('raw_erp', 'purchase.requisition.line') }}
)

select
    record_id,
    resource_id as requisition_line_id_erp,
    {{ erp_field('requisition.number') }} as requisition_number,
    {{ erp_field('requisition.external_reference') }} as external_reference,
    {{ erp_field('requisition.state') }} as requisition_state,
    coalesce({{ erp_field('product.code') }}, 'unmapped') as item_code,
    {{ as_number(erp_field('quantity')) }}::numeric(18, 4) as requested_quantity,
    {{ erp_field('unit.symbol') }} as requested_quantity_unit,
    {{ as_date(erp_field('requisition.supply_date')) }} as need_date
from source
