with raw_line as (
    select service.element
    from (
        {{ latest_record('raw_billing', '837.claim') }}
    ) as claim
    cross join lateral jsonb_array_elements(claim.body -> 'lines') as service (element)
),

compared as (
    select
        (
            select coalesce(sum((element ->> 'charge_amount')::numeric), 0)
            from raw_line
        ) as raw_amount,
        (
            select coalesce(sum(charge_amount), 0)
            from {{ ref('stg_billing__claim_line') }}
        ) as staging_amount
)

select *
from compared
where raw_amount <> staging_amount
