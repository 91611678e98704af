with compared as (
    select
        (
            select coalesce(sum(line.charge_amount), 0)
            from {{ ref('stg_billing__claim_line') }} as line
            inner join {{ ref('stg_billing__claim') }} as claim
                on line.record_id = claim.record_id
            where claim.is_current
        ) as staging_amount,
        (
            select coalesce(sum(charge_amount), 0) from {{ ref('fct_charge') }}
        ) as charge_amount,
        (
            select coalesce(sum(submitted_amount), 0) from {{ ref('fct_claim_line') }}
        ) as claim_line_amount,
        (
            select coalesce(sum(gross_charge_amount), 0) from {{ ref('fct_claim') }}
        ) as claim_amount
)

select *
from compared
where
    staging_amount <> charge_amount
    or staging_amount <> claim_line_amount
    or staging_amount <> claim_amount
