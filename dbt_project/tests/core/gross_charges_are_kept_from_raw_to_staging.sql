with raw_line as (
    select (service.value ->> 'charge_amount')::numeric as charge_amount
    from (
        {{ latest_record('raw_billing', '837.claim') }}
    ) as claim
    cross join lateral {{ elements("claim.body -> 'lines'") }} as service
),

compared as (
    select
        {{ total_of('charge_amount', 'raw_line') | indent(8) }} as raw_amount,
        {{ total_of('charge_amount', ref('stg_billing__claim_line')) | indent(8) }}
            as staging_amount
)

select *
from compared
where raw_amount <> staging_amount
