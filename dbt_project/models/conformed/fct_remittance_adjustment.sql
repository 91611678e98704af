{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

select
    adjustment.adjustment_id,
    adjustment.payment_id,
    adjustment.claim_id,
    account.encounter_id,
    adjustment.record_id,
    adjustment.facility_code,
    account.service_line_code,
    account.payer_key,
    account.payer_code,
    account.payer_class,
    adjustment.payer_sequence,
    adjustment.line_position,
    adjustment.group_code,
    adjustment.reason_code,
    adjustment.remark_codes,
    adjustment.adjustment_category,
    adjustment.adjustment_cause,
    adjustment.is_passed_on,
    account.hold_reason,
    adjustment.adjustment_amount,
    adjustment.payment_date,
    adjustment.service_month,
    adjustment.byte_offset,
    adjustment.segment_number
from {{ ref('int_remittance_adjustment__restated') }} as adjustment
inner join {{ ref('int_account__classified') }} as account
    on adjustment.account_id = account.account_id
