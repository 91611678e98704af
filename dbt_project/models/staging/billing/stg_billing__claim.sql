{{ config(indexes=[{'columns': ['record_id'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_billing', '837.claim') }}
),

claim as (
    select
        record_id,
        received_at,
        coalesce(body ->> 'billing_npi', 'unmapped') as billing_npi,
        coalesce(body ->> 'account_number', 'unmapped') as account_number,
        body
    from source
)

select
    record_id,
    coalesce(body ->> 'claim_id', billing_npi || '|' || account_number) as claim_id,
    billing_npi,
    account_number,
    coalesce(body ->> 'transaction', 'unknown') as transaction_type,
    body ->> 'payer_id' as payer_id_billing,
    body ->> 'facility_code_value' as facility_type_code,
    body ->> 'frequency_code' as frequency_code,
    lpad(nullif(body ->> 'drg', ''), 3, '0') as ms_drg,
    row_number() over (
        partition by coalesce(body ->> 'claim_id', billing_npi || '|' || account_number)
        order by received_at desc, record_id desc
    ) = 1 as is_current,
    {{ as_amount("(body ->> 'charge_amount')") }} as submitted_charge_amount,
    {{ as_date("(body ->> 'statement_from')") }} as statement_from_date,
    {{ as_date("(body ->> 'statement_through')") }} as statement_through_date,
    {{ as_date("(body ->> 'admission_date')") }} as admission_date,
    received_at
from claim
