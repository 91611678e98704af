{{ config(indexes=[{'columns': ['record_id'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_billing', '835.claim') }}
)

select
    record_id,
    resource_id as payment_id,
    body ->> 'transaction_id' as remittance_id,
    coalesce({{ as_number("split_part(resource_id, '|', -1)") }}, 0)::bigint
        as claim_position,
    coalesce(
        body ->> 'claim_id',
        concat_ws('|', body ->> 'payee_npi', body ->> 'account_number'),
        'unmapped'
    ) as claim_id,
    coalesce(body ->> 'payee_npi', 'unmapped') as payee_npi,
    coalesce(body ->> 'account_number', 'unmapped') as account_number,
    body ->> 'payer_id' as payer_id_billing,
    nullif(body ->> 'payer_sequence', '') as payer_sequence,
    body ->> 'status_code' as claim_status_code,
    coalesce(body ->> 'status_code', '') = '22' as is_reversal,
    coalesce(body ->> 'status_code', '') = '25' as is_predetermination,
    body ->> 'payer_claim_control_number' as payer_claim_control_number,
    nullif(body ->> 'original_reference', '') as original_reference,
    {{ as_amount("(body ->> 'charge_amount')") }} as charge_amount,
    {{ as_amount("(body ->> 'paid_amount')") }} as paid_amount,
    {{ as_amount("(body ->> 'patient_responsibility_amount')") }}
        as patient_responsibility_amount,
    {{ as_amount("(body ->> 'interest_amount')") }} as interest_amount,
    coalesce(
        {{ as_date("(body ->> 'payment_date')") }},
        {{ system_day('received_at') }}
    ) as payment_date
from source
