{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

select
    claim.claim_id,
    account.encounter_id,
    claim.record_id,
    claim.facility_code,
    account.service_line_code,
    {{ joined_key('payer', 'claim') }} as payer_key,
    claim.payer_code,
    account.payer_class,
    coalesce(drg.ms_drg, case when claim.ms_drg is not null then 'unmapped' end)
        as ms_drg,
    claim.transaction_type,
    claim.frequency_code,
    settled.life_cycle_state,
    settled.standing_count > 0 as is_adjudicated,
    account.hold_reason,
    claim.submitted_charge_amount,
    claim.gross_charge_amount,
    claim.submitted_charge_amount - claim.gross_charge_amount
        as unlined_charge_amount,
    settled.contractual_amount,
    settled.denial_amount,
    settled.other_amount as other_adjustment_amount,
    settled.prior_payer_amount,
    settled.patient_share_amount,
    settled.passed_on_amount,
    settled.paid_amount,
    settled.open_amount,
    settled.unanswered_amount,
    claim.line_count,
    settled.submission_count,
    settled.payment_count,
    claim.statement_from_date,
    claim.statement_through_date,
    settled.first_submitted_date,
    settled.accepted_date,
    settled.first_adjudicated_date,
    settled.last_adjudicated_date,
    settled.closed_date,
    claim.service_month
from {{ ref('int_claim__located') }} as claim
inner join {{ ref('int_account__classified') }} as account
    on claim.account_id = account.account_id
inner join {{ ref('int_claim__settled') }} as settled
    on claim.claim_id = settled.claim_id
left join {{ ref('drg') }} as drg on claim.ms_drg = drg.ms_drg
{{ join_version('payer', 'claim.statement_from_date', 'claim') }}
