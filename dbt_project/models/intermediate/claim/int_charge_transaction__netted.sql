{{ config(indexes=[
    {'columns': ['account_id', 'charge_transaction_id'], 'unique': true}
]) }}

-- Charges (CG) and credits (CD, or a CG below zero) as the EHR posts them. What is sent
-- again with the same content is one; with other content the last charge stands, less
-- the credits that follow it. A credit under an id of its own meets a charge of the
-- same account, day, codes and amount; one that meets none stays, below zero.
{%- set content = 'service_date, revenue_code, procedure_code' %}

-- The account of a visit, as any sender of its facility names it.
with visit_account as (
    select
        numbered.facility_code,
        numbered.visit_number,
        min(numbered.account_number) as account_number
    from (
        select
            facility_code,
            visit_number,
            account_number
        from {{ ref('int_visit__located') }}
        union all
        select
            facility_code,
            visit_number,
            account_number
        from {{ ref('int_encounter__located') }}
    ) as numbered
    group by numbered.facility_code, numbered.visit_number
    having count(distinct numbered.account_number) = 1
),

charge as (
    select
        posted.*,
        posted.transaction_type = 'CD' or posted.charge_amount < 0 as is_credit,
        concat_ws(
            '|',
            abs(posted.charge_amount),
            abs(posted.service_quantity),
            posted.service_date,
            coalesce(posted.revenue_code, ''),
            coalesce(posted.procedure_code, '')
        ) as said,
        {{ crosswalked(
            'facility', 'ehr', 'posted.facility_code_ehr', 'posted.service_date'
        ) }} as facility_code
    from {{ ref('stg_ehr__charge_transaction') }} as posted
    where posted.transaction_type in ('CG', 'CD')
),

posted as (
    select
        charge.record_id,
        charge.posting_rank,
        charge.department_code_ehr,
        charge.service_date,
        charge.revenue_code,
        charge.procedure_code,
        charge.facility_code,
        charge.is_credit,
        charge.said,
        case
            when charge.is_credit then -abs(charge.charge_amount)
            else charge.charge_amount
        end as amount,
        case
            when charge.is_credit then -abs(charge.service_quantity)
            else charge.service_quantity
        end as quantity,
        coalesce(
            charge.transaction_id,
            charge.record_id || '.' || charge.transaction_position
        ) as charge_transaction_id,
        charge.facility_code || '|' || coalesce(
            visit.account_number,
            charge.account_number,
            visit_account.account_number,
            charge.visit_number
        ) as account_id
    from charge
    left join {{ ref('stg_ehr__visit') }} as visit
        on
            charge.facility_code_ehr = visit.facility_code_ehr
            and charge.visit_number = visit.visit_number
    left join visit_account
        on
            charge.facility_code = visit_account.facility_code
            and charge.visit_number = visit_account.visit_number
    -- Without the facility nobody can tell whether a claim bills the charge already.
    where charge.facility_code <> 'unmapped'
),

repeated as (
    select
        *,
        row_number() over (
            partition by account_id, charge_transaction_id, is_credit, said
            order by posting_rank
        ) as telling,
        lag(said) over (
            partition by account_id, charge_transaction_id, is_credit
            order by posting_rank
        ) as said_before
    from posted
    where account_id is not null
),

ranked as (
    select
        *,
        max(posting_rank) filter (where not is_credit) over (
            partition by account_id, charge_transaction_id
        ) as charge_rank
    from repeated
    where
        (is_credit and telling = 1)
        or (not is_credit and said is distinct from said_before)
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
