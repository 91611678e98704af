with raw_claim as (
    {{ latest_record('raw_billing', '835.claim') }}
),

raw_payment as (
    select (body ->> 'paid_amount')::numeric as paid_amount
    from raw_claim
),

raw_adjustment as (
    select (cas.value ->> 'amount')::numeric as adjustment_amount
    from raw_claim
    cross join lateral {{ elements("raw_claim.body -> 'adjustments'") }} as cas
    union all
    select (cas.value ->> 'amount')::numeric as adjustment_amount
    from raw_claim
    cross join lateral {{ elements("raw_claim.body -> 'lines'") }} as service
    cross join lateral {{ elements("service.value -> 'adjustments'") }} as cas
),

raw_provider_adjustment as (
    select (cas.value ->> 'amount')::numeric as adjustment_amount
    from (
        {{ latest_record('raw_billing', '835.transaction') }}
    ) as remit
    cross join lateral {{ elements("remit.body -> 'provider_adjustments'") }} as cas
),

raw_total as (
    {{ remittance_totals(
        'raw_payment', 'raw_adjustment', 'raw_provider_adjustment'
    ) | indent }}
),

staging_total as (
    {{ remittance_totals(
        ref('stg_billing__remittance_claim'),
        ref('stg_billing__remittance_adjustment'),
        ref('stg_billing__provider_adjustment'),
    ) | indent }}
)

select
    raw_total.measure_name,
    raw_total.amount as raw_amount,
    staging_total.amount as staging_amount
from raw_total
inner join staging_total on raw_total.measure_name = staging_total.measure_name
where raw_total.amount <> staging_total.amount
