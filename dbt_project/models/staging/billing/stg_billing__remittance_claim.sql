{{ config(indexes=[{'columns': ['record_id'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_billing', '835.claim') }}
)

select
    record_id,
    resource_id as payment_id,
    body ->> 'transaction_id' as remittance_id,
    coalesce(
        body ->> 'claim_id',
        concat_ws('|', body ->> 'payee_npi', body ->> 'account_number'),
        'unmapped'
    ) as claim_id,
    coalesce(body ->> 'payee_npi', 'unmapped') as payee_npi,
    coalesce(body ->> 'account_number', 'unmapped') as account_number,
    body ->> 'payer_id' as payer_id_billing,
    body ->> 'status_code' as claim_status_code,
    body ->> 'payer_claim_control_number' as payer_claim_control_number,
    {{ as_amount("(body ->> 'charge_amount')") }} as charge_amount,
    {{ as_amount("(body ->> 'paid_amount')") }} as paid_amount,
    {{ as_amount("(body ->> 'patient_responsibility_amount')") }}
        as patient_responsibility_amount,
    coalesce(
        {{ as_date("(body ->> 'payment_date')") }},
        (received_at at time zone 'UTC')::date
    ) as payment_date
from source
