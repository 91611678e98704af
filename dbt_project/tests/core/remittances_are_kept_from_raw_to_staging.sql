with raw_claim as (
    {{ latest_record('raw_billing', '835.claim') }}
),

raw_line as (
    select service.value
    from raw_claim
    cross join lateral {{ elements("raw_claim.body -> 'lines'") }} as service
),

raw_adjustment as (
    select cas.value
    from raw_claim
    cross join lateral {{ elements("raw_claim.body -> 'adjustments'") }} as cas
    union all
    select cas.value
    from raw_line
    cross join lateral {{ elements("raw_line.value -> 'adjustments'") }} as cas
),

raw_provider_adjustment as (
    select cas.value
    from (
        {{ latest_record('raw_billing', '835.transaction') }}
    ) as remit
    cross join lateral {{ elements("remit.body -> 'provider_adjustments'") }} as cas
),

raw_total as (
    select
        'paid' as measure_name,
        coalesce(sum((body ->> 'paid_amount')::numeric), 0) as amount
    from raw_claim
    union all
    select
        'adjusted' as measure_name,
        coalesce(sum((value ->> 'amount')::numeric), 0) as amount
    from raw_adjustment
    union all
    select
        'provider adjusted' as measure_name,
        coalesce(sum((value ->> 'amount')::numeric), 0) as amount
    from raw_provider_adjustment
),

staging_total as (
    select
        'paid' as measure_name,
        coalesce(sum(paid_amount), 0) as amount
    from {{ ref('stg_billing__remittance_claim') }}
    union all
    select
        'adjusted' as measure_name,
        coalesce(sum(adjustment_amount), 0) as amount
    from {{ ref('stg_billing__remittance_adjustment') }}
    union all
    select
        'provider adjusted' as measure_name,
        coalesce(sum(adjustment_amount), 0) as amount
    from {{ ref('stg_billing__provider_adjustment') }}
)

select
    raw_total.measure_name,
    raw_total.amount as raw_amount,
    staging_total.amount as staging_amount
from raw_total
inner join staging_total on raw_total.measure_name = staging_total.measure_name
where raw_total.amount <> staging_total.amount
