-- What accounts that no claim in force bills were charged, net of credits, stands
-- unbilled.
with unbilled as (
    select posted.charge_amount
    from {{ ref('int_charge_transaction__netted') }} as posted
    inner join {{ ref('int_account__billed') }} as account
        on posted.account_id = account.account_id
    where not account.is_charged_by_claim
),

compared as (
    select
        {{ total_of('charge_amount', 'unbilled') | indent(8) }} as posted_amount,
        {{ total_of(
            'charge_amount', ref('fct_charge'), 'not is_billed'
        ) | indent(8) }} as charge_amount
)

select *
from compared
where posted_amount <> charge_amount
