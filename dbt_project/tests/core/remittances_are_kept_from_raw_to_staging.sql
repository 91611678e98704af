with raw_claim as (
    {{ latest_record('raw_billing', '835.claim') }}
),

raw_line as (
    select service.element
    from raw_claim
    cross join lateral jsonb_array_elements(
        {{ items("raw_claim.body -> 'lines'") }}
    ) as service (element)
),

raw_adjustment as (
    select adjustment.element
    from raw_claim
    cross join lateral jsonb_array_elements(
        {{ items("raw_claim.body -> 'adjustments'") }}
    ) as adjustment (element)
    union all
    select adjustment.element
    from raw_line
    cross join lateral jsonb_array_elements(
        {{ items("raw_line.element -> 'adjustments'") }}
    ) as adjustment (element)
),

raw_provider_adjustment as (
    select adjustment.element
    from (
        {{ latest_record('raw_billing', '835.transaction') }}
    ) as remittance
    cross join lateral jsonb_array_elements(
        {{ items("remittance.body -> 'provider_adjustments'") }}
    ) as adjustment (element)
),

raw_total as (
    select
        'paid' as measure_name,
        coalesce(sum((body ->> 'paid_amount')::numeric), 0) as amount
    from raw_claim
    union all
    select
        'adjusted' as measure_name,
        coalesce(sum((element ->> 'amount')::numeric), 0) as amount
    from raw_adjustment
    union all
    select
        'provider adjusted' as measure_name,
        coalesce(sum((element ->> 'amount')::numeric), 0) as amount
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
