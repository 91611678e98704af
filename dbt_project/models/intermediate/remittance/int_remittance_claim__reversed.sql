{{ config(indexes=[{'columns': ['payment_id'], 'unique': true}]) }}

-- A reversal (CLP02 22) names what it takes back by the payer's number, its own or that
-- of the claim before, and says its amounts with the opposite sign; where the numbers
-- differ the account and the amounts decide, and where the amounts differ the number.
with payment as (
    select
        payment_id,
        is_reversal,
        claim_id,
        payee_npi,
        payer_id_billing,
        coalesce(
            case when is_reversal then original_reference end,
            nullif(payer_claim_control_number, '')
        ) as reference_number,
        case when is_reversal then -charge_amount else charge_amount end
            as charge_amount,
        case when is_reversal then -paid_amount else paid_amount end as paid_amount,
        row_number() over (
            order by payment_date, remittance_id, claim_position, payment_id
        ) as payment_rank
    from {{ ref('stg_billing__remittance_claim') }}
    where not is_predetermination
),

numbered as (
    select *
    from payment
    where reference_number is not null
),

by_number_and_amount as (
    {{ reversal_pairs('numbered', [
        'payee_npi', 'payer_id_billing', 'reference_number', 'charge_amount',
        'paid_amount',
    ]) | indent }}
),

open_for_amount as (
    select *
    from payment
    where
        payment_id not in (
            select known.payment_id from by_number_and_amount as known
        )
        and payment_id not in (
            select known.original_id from by_number_and_amount as known
        )
),

by_amount as (
    select * from by_number_and_amount
    union all
    {{ reversal_pairs('open_for_amount', [
        'claim_id', 'payer_id_billing', 'charge_amount', 'paid_amount',
    ]) | indent }}
),

open_for_number as (
    select *
    from numbered
    where
        payment_id not in (select by_amount.payment_id from by_amount)
        and payment_id not in (select by_amount.original_id from by_amount)
),

pair as (
    select * from by_amount
    union all
    {{ reversal_pairs('open_for_number', [
        'payee_npi', 'payer_id_billing', 'reference_number',
    ]) | indent }}
)

select
    payment.payment_id,
    payment.is_reversal,
    taken.original_id as reverses_payment_id,
    taking.original_id is not null as is_reversed,
    payment.is_reversal and taken.original_id is null as waits_for_original
from payment
left join pair as taken on payment.payment_id = taken.payment_id
left join pair as taking on payment.payment_id = taking.original_id
