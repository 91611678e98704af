{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

select
    payment.payment_id,
    payment.claim_id,
    account.encounter_id,
    payment.remittance_id,
    payment.reverses_payment_id,
    payment.record_id,
    payment.facility_code,
    account.service_line_code,
    account.payer_key,
    account.payer_code,
    account.payer_class,
    payment.remitting_payer_code,
    payment.payer_sequence,
    payment.claim_status_code,
    payment.payer_claim_control_number,
    payment.has_claim,
    payment.is_reversal,
    payment.is_reversed,
    payment.waits_for_original,
    account.hold_reason,
    payment.charge_amount,
    payment.paid_amount,
    payment.patient_responsibility_amount,
    payment.interest_amount,
    payment.payment_date,
    payment.service_month
from {{ ref('int_remittance_claim__located') }} as payment
inner join {{ ref('int_account__classified') }} as account
    on payment.account_id = account.account_id
