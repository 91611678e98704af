with conformed as (
    select
        'fct_charge' as fact_name,
        coalesce(sum(charge_amount), 0) as amount
    from {{ ref('fct_charge') }}
    where is_billed
    union all
    select
        'fct_remittance_adjustment' as fact_name,
        coalesce(sum(adjustment_amount), 0) as amount
    from {{ ref('fct_remittance_adjustment') }}
    where
        adjustment_category in ('contractual', 'denial', 'other')
        and not is_passed_on
    union all
    select
        'fct_payment' as fact_name,
        coalesce(sum(paid_amount), 0) as amount
    from {{ ref('fct_payment') }}
    union all
    select
        'fct_provider_adjustment' as fact_name,
        coalesce(sum(adjustment_amount), 0) as amount
    from {{ ref('fct_provider_adjustment') }}
    union all
    select
        'fct_supply_usage' as fact_name,
        coalesce(sum(supply_cost), 0) as amount
    from {{ ref('fct_supply_usage') }}
),

journal as (
    select
        fact_name,
        sum(amount) as amount
    from {{ ref('out_journal_fact') }}
    where journal_fact_id like '%|debit'
    group by fact_name
)

select
    conformed.fact_name,
    conformed.amount as conformed_amount,
    journal.amount as journal_amount
from conformed
left join journal on conformed.fact_name = journal.fact_name
where conformed.amount <> coalesce(journal.amount, 0)
