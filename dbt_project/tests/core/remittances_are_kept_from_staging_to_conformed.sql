-- What a payer would pay (CLP02 25) is no payment.
with payment as (
    select *
    from {{ ref('stg_billing__remittance_claim') }}
    where not is_predetermination
),

adjustment as (
    select adjusted.*
    from {{ ref('stg_billing__remittance_adjustment') }} as adjusted
    inner join payment on adjusted.record_id = payment.record_id
),

staging_total as (
    {{ remittance_totals(
        'payment', 'adjustment', ref('stg_billing__provider_adjustment')
    ) | indent }}
),

conformed_total as (
    {{ remittance_totals(
        ref('fct_payment'),
        ref('fct_remittance_adjustment'),
        ref('fct_provider_adjustment'),
    ) | indent }}
)

select
    staging_total.measure_name,
    staging_total.amount as staging_amount,
    conformed_total.amount as conformed_amount
from staging_total
inner join conformed_total
    on staging_total.measure_name = conformed_total.measure_name
where staging_total.amount <> conformed_total.amount
