with source as (
    {{ latest_record('raw_erp', 'stock.shipment.in') }}
)

select
    record_id,
    resource_id as receipt_id_erp,
    {{ erp_field('number') }} as receipt_number,
    {{ erp_field('supplier.code') }} as supplier_code,
    {{ erp_field('reference') }} as supplier_reference,
    {{ erp_field('state') }} as receipt_state,
    {{ as_date(erp_field('planned_date')) }} as planned_date,
    {{ as_date(erp_field('effective_date')) }} as received_date
from source
