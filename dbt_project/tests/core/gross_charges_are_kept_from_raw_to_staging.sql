with raw_line as (
    select service.value
    from (
        {{ latest_record('raw_billing', '837.claim') }}
    ) as claim
    cross join lateral {{ elements("claim.body -> 'lines'") }} as service
),

compared as (
    select
        (
            select coalesce(sum((value ->> 'charge_amount')::numeric), 0)
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
