{{ config(meta={'asks': 'whole'}) }}

-- At the end of the last whole month, a facility is owed what it earned until then and
-- was not paid.
with last_balance as (
    select distinct on (facility_code)
        facility_code,
        balance_month,
        receivable_amount
    from {{ ref('receivable') }}
    order by facility_code asc, balance_month desc
),

earned as (
    select
        balance.facility_code,
        sum(mart.net_revenue_amount) as amount
    from last_balance as balance
    inner join {{ ref('service_line_profitability') }} as mart
        on
            balance.facility_code = mart.facility_code
            and balance.balance_month >= mart.service_month
    group by balance.facility_code
),

paid as (
    select
        balance.facility_code,
        sum(payment.paid_amount) as amount
    from last_balance as balance
    inner join {{ ref('fct_payment') }} as payment
        on
            balance.facility_code = payment.facility_code
            and balance.balance_month >= {{ month_of('payment.payment_date') }}
    group by balance.facility_code
)

select
    balance.facility_code,
    balance.receivable_amount,
    earned.amount as earned_amount,
    paid.amount as paid_amount
from last_balance as balance
left join earned on balance.facility_code = earned.facility_code
left join paid on balance.facility_code = paid.facility_code
where
    balance.receivable_amount
    <> coalesce(earned.amount, 0) - coalesce(paid.amount, 0)
