with staging_total as (
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
),

conformed_total as (
    select
        'paid' as measure_name,
        coalesce(sum(paid_amount), 0) as amount
    from {{ ref('fct_payment') }}
    union all
    select
        'adjusted' as measure_name,
        coalesce(sum(adjustment_amount), 0) as amount
    from {{ ref('fct_remittance_adjustment') }}
    union all
    select
        'provider adjusted' as measure_name,
        coalesce(sum(adjustment_amount), 0) as amount
    from {{ ref('fct_provider_adjustment') }}
)

select
    staging_total.measure_name,
    staging_total.amount as staging_amount,
    conformed_total.amount as conformed_amount
from staging_total
inner join conformed_total
    on staging_total.measure_name = conformed_total.measure_name
where staging_total.amount <> conformed_total.amount
