{{ config(severity='warn') }}

-- A claim has the number and the days of the account, and no crosswalk names the NPI
-- that billed it. Its lines count, as `unmapped`; the posted charge does not.
select
    posted.record_id,
    posted.charge_amount
from {{ ref('int_charge_transaction__netted') }} as posted
inner join {{ ref('int_account__billed') }} as account
    on posted.account_id = account.account_id
where account.is_charged_by_claim and not account.has_claim
