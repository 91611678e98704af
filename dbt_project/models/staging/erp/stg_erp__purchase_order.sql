with source as (
    {{ latest_record('raw_erp', 'purchase.purchase') }}
)

select
    record_id,
    resource_id as purchase_order_id_erp,
    {{ erp_field('number') }} as purchase_order_number,
    {{ erp_field('party.code') }} as supplier_code,
    {{ erp_field('reference') }} as supplier_reference,
    {{ erp_field('currency.code') }} as currency_code,
    {{ erp_field('state') }} as purchase_order_state,
    {{ erp_field('shipment_state') }} as shipment_state,
    {{ as_date(erp_field('purchase_date')) }} as order_date
from source
