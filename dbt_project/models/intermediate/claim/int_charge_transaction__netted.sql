{{ config(indexes=[
    {'columns': ['account_id', 'charge_transaction_id'], 'unique': true}
]) }}

-- Charges (CG), credits (CD, or below zero). What is sent again with the same content
-- is one; else the last charge stands, less credits after it. A credit under its own
-- id meets a charge of equal account, day, codes and amount, or stays, below zero.
{%- set content = 'service_date, revenue_code, procedure_code' %}

with posted as (
    select
        charge.record_id,
        charge.posting_rank,
        charge.department_code_ehr,
        charge.service_date,
        charge.revenue_code,
        charge.procedure_code,
        charge.transaction_type = 'CD' or charge.charge_amount < 0 as is_credit,
        case charge.transaction_type
            when 'CD' then -abs(charge.charge_amount)
            else charge.charge_amount
        end as amount,
        case
            when charge.transaction_type = 'CD' or charge.charge_amount < 0
                then -abs(charge.service_quantity)
            else charge.service_quantity
        end as quantity,
        coalesce(
            charge.transaction_id,
            charge.record_id || '.' || charge.transaction_position
        ) as charge_transaction_id,
        coalesce(
            visit.account_number, charge.account_number, charge.visit_number
        ) as account_number,
        {{ crosswalked(
            'facility', 'ehr', 'charge.facility_code_ehr', 'charge.service_date'
        ) }} as facility_code
    from {{ ref('stg_ehr__charge_transaction') }} as charge
    left join {{ ref('stg_ehr__visit') }} as visit
        on
            charge.facility_code_ehr = visit.facility_code_ehr
            and charge.visit_number = visit.visit_number
    where charge.transaction_type in ('CG', 'CD')
),

told as (
    select
        *,
        facility_code || '|' || account_number as account_id,
        row_number() over (
            partition by
                facility_code, account_number, charge_transaction_id, is_credit,
                amount, quantity, {{ content }}
            order by posting_rank
        ) as telling
    from posted
    -- Without the facility nobody can tell whether a claim bills the charge already.
    where facility_code <> 'unmapped' and account_number is not null
),

ranked as (
    select
        *,
        max(posting_rank) filter (where not is_credit) over (
            partition by account_id, charge_transaction_id
        ) as charge_rank
    from told
    where telling = 1
),

netted as (
    select
        *,
        sum(amount) over same_charge as net_amount,
        sum(quantity) over same_charge as net_quantity,
        row_number() over (same_charge order by posting_rank) as ordinal
    from ranked
    where
        charge_rank is null
        or posting_rank = charge_rank
        or (is_credit and posting_rank > charge_rank)
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
    {{ crosswalked(
        'department', 'ehr', 'charge.department_code_ehr', 'charge.service_date',
        'charge.facility_code'
    ) }} as department_code,
    charge.revenue_code,
    charge.procedure_code,
    charge.net_amount::numeric(18, 2) as charge_amount,
    charge.net_quantity::numeric(18, 4) as service_quantity,
    charge.service_date
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
