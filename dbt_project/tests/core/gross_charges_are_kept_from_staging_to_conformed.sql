-- Every charge that was submitted is in force, or not for a named reason; those in
-- force are the charges, the claim lines and the claims.
with submitted as (
    select
        ruled.submission_state,
        line.charge_amount
    from {{ ref('stg_billing__claim_line') }} as line
    left join {{ ref('int_claim_submission__ruled') }} as ruled
        on line.record_id = ruled.record_id
),

compared as (
    select
        {{ total_of('charge_amount', ref('stg_billing__claim_line')) | indent(8) }}
            as staging_amount,
        {{ total_of(
            'gross_charge_amount', ref('fct_claim_submission')
        ) | indent(8) }} as submission_amount,
        {{ total_of(
            'charge_amount', 'submitted', "submission_state = 'in_force'"
        ) | indent(8) }} as in_force_amount,
        {{ total_of(
            'charge_amount', ref('fct_charge'), 'is_billed'
        ) | indent(8) }} as charge_amount,
        {{ total_of('submitted_amount', ref('fct_claim_line')) | indent(8) }}
            as claim_line_amount,
        {{ total_of('gross_charge_amount', ref('fct_claim')) | indent(8) }}
            as claim_amount
)

select *
from compared
where
    staging_amount <> submission_amount
    or in_force_amount <> charge_amount
    or in_force_amount <> claim_line_amount
    or in_force_amount <> claim_amount
