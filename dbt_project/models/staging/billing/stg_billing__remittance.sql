with source as (
    {{ latest_record('raw_billing', '835.transaction', is_looked_up=true) }}
)

select
    record_id,
    resource_id as remittance_id,
    coalesce(body ->> 'payee_npi', 'unmapped') as payee_npi,
    body ->> 'payer_id' as payer_id_billing,
    body ->> 'payer_name' as payer_name_billing,
    body ->> 'trace_number' as trace_number,
    {{ as_amount("(body ->> 'payment_amount')") }} as payment_amount,
    coalesce(
        {{ as_date("(body ->> 'payment_date')") }},
        {{ system_day('received_at') }}
    ) as payment_date
from source
