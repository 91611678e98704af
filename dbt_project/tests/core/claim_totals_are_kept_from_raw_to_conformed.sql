-- Of every claim that was submitted its total is charged by its lines, or stated as
-- what no line charges; and so it is of the claims in force.
with raw_claim as (
    select (claim.body ->> 'charge_amount')::numeric as charge_amount
    from (
        {{ latest_record('raw_billing', '837.claim') }}
    ) as claim
),

compared as (
    select
        {{ total_of('charge_amount', 'raw_claim') | indent(8) }} as raw_amount,
        {{ total_of(
            'gross_charge_amount + unlined_charge_amount', ref('fct_claim_submission')
        ) | indent(8) }} as submission_amount,
        {{ total_of(
            'gross_charge_amount + unlined_charge_amount',
            ref('fct_claim_submission'), 'is_in_force'
        ) | indent(8) }} as in_force_amount,
        {{ total_of(
            'gross_charge_amount + unlined_charge_amount', ref('fct_claim')
        ) | indent(8) }} as claim_amount
)

select *
from compared
where raw_amount <> submission_amount or in_force_amount <> claim_amount
