with staged as (
    select line.charge_amount
    from {{ ref('stg_billing__claim_line') }} as line
    inner join {{ ref('stg_billing__claim') }} as claim
        on line.record_id = claim.record_id
    where claim.is_current
),

compared as (
    select
        {{ total_of('charge_amount', 'staged') | indent(8) }} as staging_amount,
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
    staging_amount <> charge_amount
    or staging_amount <> claim_line_amount
    or staging_amount <> claim_amount
