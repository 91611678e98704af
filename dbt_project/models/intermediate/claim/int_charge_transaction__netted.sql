{{ config(indexes=[
    {'columns': ['account_id', 'charge_transaction_id'], 'unique': true}
]) }}

-- A charge less its credits. A credit under its own id meets a charge of equal account,
-- day, codes and amount, or stays, below zero.
{%- set content = 'service_date, revenue_code, procedure_code' %}

with netted as (
    select
        *,
        sum(charge_amount) over same_charge as net_amount,
        sum(service_quantity) over same_charge as net_quantity,
        row_number() over (same_charge order by posting_rank) as ordinal
    from {{ ref('int_charge_transaction__corrected') }}
    window same_charge as (partition by account_id, charge_transaction_id)
),

paired as (
    select
        *,
        row_number() over (
            partition by account_id, {{ content }}, abs(net_amount), is_credit
            order by posting_rank
        ) as pair_number
    from netted
    where ordinal = 1 and net_amount <> 0
)

select
    charge.record_id,
    charge.account_id,
    charge.charge_transaction_id,
    charge.facility_code,
    charge.department_code,
    charge.revenue_code,
    charge.procedure_code,
    charge.net_amount::numeric(18, 2) as charge_amount,
    charge.net_quantity::numeric(18, 4) as service_quantity,
    charge.service_date,
    charge.posted_date
from paired as charge
left join paired as opposite
    on
        charge.account_id = opposite.account_id
        and charge.service_date = opposite.service_date
        and charge.revenue_code is not distinct from opposite.revenue_code
        and charge.procedure_code is not distinct from opposite.procedure_code
        and charge.net_amount = -opposite.net_amount
        and charge.is_credit <> opposite.is_credit
        and charge.pair_number = opposite.pair_number
where opposite.account_id is null
