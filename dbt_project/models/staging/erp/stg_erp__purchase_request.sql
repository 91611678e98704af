with source as (
    {{ latest_record('raw_erp', 'purchase.request') }}
)

select
    record_id,
    resource_id as purchase_request_id_erp,
    case
        when {{ erp_field('origin') }} like 'purchase.requisition.line,%'
            then split_part({{ erp_field('origin') }}, ',', 2)
    end as requisition_line_id_erp,
    {{ erp_field('purchase_line.id') }} as purchase_order_line_id,
    {{ erp_field('state') }} as purchase_request_state
from source
