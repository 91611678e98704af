-- Per claim, the charges in force are those of its submissions in force; and all that
-- payers adjusted is in one of its categories.
with submitted as (
    select
        claim_id,
        sum(gross_charge_amount) filter (where is_in_force) as in_force_amount
    from {{ ref('fct_claim_submission') }}
    group by claim_id
),

adjusted as (
    select
        claim_id,
        sum(adjustment_amount) as adjustment_amount
    from {{ ref('fct_remittance_adjustment') }}
    group by claim_id
)

select claim.claim_id
from {{ ref('fct_claim') }} as claim
left join submitted on claim.claim_id = submitted.claim_id
left join adjusted on claim.claim_id = adjusted.claim_id
where
    claim.gross_charge_amount <> coalesce(submitted.in_force_amount, 0)
    or claim.contractual_amount + claim.denial_amount + claim.other_adjustment_amount
    + claim.prior_payer_amount + claim.patient_share_amount + claim.passed_on_amount
    <> coalesce(adjusted.adjustment_amount, 0)
