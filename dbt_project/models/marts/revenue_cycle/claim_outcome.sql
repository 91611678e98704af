{%- set changed -%}
({{ of_scope('raw_billing') }} or {{ of_touched_claims(['denials']) }})
{%- endset -%}
{%- set of_claims = 'claim_id in (select claim.claim_id from claim)' -%}
{{ config(materialized='kept', replaces=changed) }}

with claim as (
    select * from {{ within(ref('fct_claim'), changed) }}
),

-- What was first sent counts: bills that are neither refused, repeated, for a later
-- payer, corrections of others, nor replaced by a bill of their own kind.
first_sent as (
    select
        submission.claim_id,
        sum(submission.gross_charge_amount) as initial_charge_amount,
        max(submission.submitted_date) filter (
            where submission.submission_kind <> 'late'
        ) as final_billed_date
    from {{ within(ref('fct_claim_submission'), of_claims, 'submission') }}
    left join {{ ref('fct_claim_submission') }} as later
        on submission.displaced_by_submission_id = later.claim_submission_id
    where
        submission.submission_kind in ('original', 'interim', 'late')
        and submission.submission_state not in (
            'rejected', 'duplicate', 'waits_for_prior', 'next_payer'
        )
        and coalesce(later.submission_kind in ('replacement', 'void'), true)
    group by submission.claim_id
),

refused as (
    select distinct claim_id
    from {{ within(ref('fct_claim_submission'), of_claims) }}
    where submission_state = 'rejected'
),

sequestered as (
    select
        claim_id,
        sum(adjustment_amount) as amount
    from {{ within(ref('fct_remittance_adjustment'), of_claims) }}
    where adjustment_cause = 'sequestration'
    group by claim_id
),

denied as (
    select
        claim_id,
        bool_or(is_initial) as is_initially_denied,
        bool_or(is_initial and is_full) as is_fully_denied,
        coalesce(sum(initial_denial_amount) filter (where is_initial), 0.00)
            as initial_denial_amount,
        sum(overturned_amount) as overturned_amount,
        sum(written_off_amount) as written_off_amount,
        sum(open_amount) as open_amount
    from {{ within(ref('denials'), of_claims) }}
    group by claim_id
)

select
    claim.claim_id,
    claim.encounter_id,
    claim.record_id,
    claim.facility_code,
    claim.service_line_code,
    claim.payer_code,
    claim.payer_class,
    claim.life_cycle_state,
    claim.payer_class <> 'self_pay'
    and claim.life_cycle_state not in ('held', 'rejected') as is_counted,
    claim.accepted_date is not null as is_accepted,
    claim.accepted_date is not null and refused.claim_id is null as is_clean,
    claim.is_adjudicated,
    coalesce(denied.is_initially_denied, false) as is_initially_denied,
    coalesce(denied.is_fully_denied, false) as is_fully_denied,
    coalesce(first_sent.initial_charge_amount, 0.00) as initial_charge_amount,
    claim.gross_charge_amount,
    claim.contractual_amount,
    claim.paid_amount,
    claim.paid_amount + claim.patient_share_amount as net_revenue_amount,
    claim.paid_amount + claim.patient_share_amount + coalesce(sequestered.amount, 0.00)
        as allowed_amount,
    coalesce(denied.initial_denial_amount, 0.00) as initial_denial_amount,
    coalesce(denied.overturned_amount, 0.00) as overturned_amount,
    coalesce(denied.written_off_amount, 0.00) as written_off_amount,
    coalesce(denied.open_amount, 0.00) as open_denial_amount,
    claim.first_submitted_date,
    first_sent.final_billed_date,
    {{ month_of('claim.first_submitted_date') }} as submitted_month,
    claim.service_month
from claim
left join first_sent on claim.claim_id = first_sent.claim_id
left join refused on claim.claim_id = refused.claim_id
left join sequestered on claim.claim_id = sequestered.claim_id
left join denied on claim.claim_id = denied.claim_id
