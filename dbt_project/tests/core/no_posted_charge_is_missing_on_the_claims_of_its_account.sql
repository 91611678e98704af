{{ config(severity='warn') }}

-- A charge that the EHR posted on an account with claims, and that no service line
-- bills: late, or leaked. The claims say what the account was charged.
select
    posted.record_id,
    posted.charge_amount
from {{ ref('int_charge_transaction__netted') }} as posted
inner join {{ ref('int_account__billed') }} as account
    on posted.account_id = account.account_id
left join {{ ref('int_charge__matched') }} as charge
    on
        posted.account_id = charge.account_id
        and posted.charge_transaction_id = charge.charge_transaction_id
where account.has_claim and charge.charge_id is null
