{{ config(indexes=[{'columns': ['claim_id'], 'unique': true}]) }}
{%- set categories =
    ['contractual', 'denial', 'other', 'prior_payer', 'patient_share']
-%}
{%- set open =
    'gross_charge_amount - contractual_amount - denial_amount - other_amount'
    ~ ' - patient_share_amount - paid_amount'
-%}

with submission as (
    select
        ruled.claim_id,
        count(*) as submission_count,
        min(ruled.submitted_date) as first_submitted_date,
        bool_or(ruled.submission_state = 'voided') as has_voided,
        bool_or(ruled.submission_state = 'rejected') as has_rejected,
        bool_or(
            ruled.submission_state = 'in_force'
            and 'accepted' in (acknowledged.set_answer, acknowledged.claim_answer)
        ) as is_accepted,
        max(later.submitted_date) filter (where ruled.submission_state = 'voided')
            as voided_date,
        min(
            coalesce(
                acknowledged.claim_acknowledged_date,
                acknowledged.set_acknowledged_date
            )
        ) filter (where not acknowledged.is_rejected) as accepted_date
    from {{ ref('int_claim_submission__ruled') }} as ruled
    inner join {{ ref('int_claim_submission__acknowledged') }} as acknowledged
        on ruled.record_id = acknowledged.record_id
    left join {{ ref('int_claim_submission__ruled') }} as later
        on ruled.displaced_by_record_id = later.record_id
    group by ruled.claim_id
),

payment as (
    select
        claim_id,
        count(*) as payment_count,
        count(*) filter (where not is_reversal and not is_reversed) as standing_count,
        count(*) filter (where is_reversed) as reversed_count,
        count(*) filter (where waits_for_original) as waiting_count,
        sum(paid_amount) as paid_amount,
        min(payment_date) filter (where not is_reversal) as first_adjudicated_date,
        max(payment_date) as last_adjudicated_date
    from {{ ref('int_remittance_claim__located') }}
    group by claim_id
),

adjustment as (
    select
        {%- for category in categories %}
        coalesce(
            sum(adjustment_amount) filter (
                where adjustment_category = '{{ category }}' and not is_passed_on
            ),
            0.00
        ) as {{ category }}_amount,
        {%- endfor %}
        coalesce(sum(adjustment_amount) filter (where is_passed_on), 0.00)
            as passed_on_amount,
        claim_id
    from {{ ref('int_remittance_adjustment__restated') }}
    group by claim_id
),

settled as (
    select
        claim.claim_id,
        claim.in_force_count,
        submission.submission_count,
        submission.first_submitted_date,
        submission.has_voided,
        submission.voided_date,
        submission.has_rejected,
        submission.is_accepted,
        submission.accepted_date,
        coalesce(payment.payment_count, 0) as payment_count,
        coalesce(payment.standing_count, 0) as standing_count,
        coalesce(payment.reversed_count, 0) as reversed_count,
        coalesce(payment.waiting_count, 0) as waiting_count,
        coalesce(payment.paid_amount, 0.00) as paid_amount,
        payment.first_adjudicated_date,
        payment.last_adjudicated_date,
        {%- for category in categories + ['passed_on'] %}
        coalesce(adjustment.{{ category }}_amount, 0.00) as {{ category }}_amount,
        {%- endfor %}
        claim.gross_charge_amount
    from {{ ref('int_claim__located') }} as claim
    inner join submission on claim.claim_id = submission.claim_id
    left join payment on claim.claim_id = payment.claim_id
    left join adjustment on claim.claim_id = adjustment.claim_id
)

select
    *,
    case
        when in_force_count = 0 and has_voided
            then greatest(voided_date, last_adjudicated_date)
    end as closed_date,
    {{ open }} as open_amount,
    -- A reversal without its original opens what that one had explained.
    case
        when standing_count = 0 then gross_charge_amount
        when waiting_count > 0 then 0.00
        else greatest(least({{ open }}, gross_charge_amount), 0.00)
    end as unanswered_amount,
    case
        when in_force_count = 0 and has_voided then 'closed'
        when in_force_count = 0 and has_rejected then 'rejected'
        when in_force_count = 0 then 'held'
        when standing_count > 0 and reversed_count > 0 then 'corrected'
        when standing_count > 0 then 'adjudicated'
        when reversed_count > 0 then 'reversed'
        when is_accepted then 'accepted'
        else 'submitted'
    end as life_cycle_state
from settled
