{{ config(severity='warn') }}

-- A charge that the EHR corrected or took back after the claim, or that was billed
-- otherwise: the line stands, and somebody has to bill again.
with posted as (
    select
        told.account_id,
        told.charge_transaction_id,
        max(told.record_id) as record_id,
        coalesce(max(netted.charge_amount), 0) as posted_amount
    from {{ ref('int_charge_transaction__corrected') }} as told
    left join {{ ref('int_charge_transaction__netted') }} as netted
        on
            told.account_id = netted.account_id
            and told.charge_transaction_id = netted.charge_transaction_id
    group by told.account_id, told.charge_transaction_id
),

billed as (
    select
        account_id,
        charge_transaction_id,
        sum(charge_amount) as billed_amount
    from {{ ref('int_charge__matched') }}
    where charge_source = '837'
    group by account_id, charge_transaction_id
)

select
    posted.record_id,
    posted.posted_amount,
    billed.billed_amount
from posted
inner join billed
    on
        posted.account_id = billed.account_id
        and posted.charge_transaction_id = billed.charge_transaction_id
where posted.posted_amount <> billed.billed_amount
