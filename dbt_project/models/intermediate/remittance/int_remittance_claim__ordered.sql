{{ config(indexes=[
    {'columns': ['payment_id'], 'unique': true}, {'columns': ['claim_id']}
]) }}

-- The order of the payer is what the status says (CLP02); a reversal has that of what
-- it takes back, another status that of the bill which went to the same payer.
with bill as (
    select
        claim_id,
        payer_id_billing,
        min(payer_sequence) as payer_sequence
    from {{ ref('stg_billing__claim') }}
    where payer_id_billing is not null
    group by claim_id, payer_id_billing
),

payment as (
    select
        payment.payment_id,
        coalesce(rooted.root_claim_id, payment.claim_id) as claim_id,
        payment.charge_amount,
        payment.payment_date,
        payment.remittance_id,
        payment.claim_position,
        reversed.is_reversal,
        reversed.is_reversed,
        reversed.reverses_payment_id,
        reversed.waits_for_original,
        coalesce(
            payment.payer_sequence, original.payer_sequence, bill.payer_sequence, 'P'
        ) as payer_sequence
    from {{ ref('stg_billing__remittance_claim') }} as payment
    inner join {{ ref('int_remittance_claim__reversed') }} as reversed
        on payment.payment_id = reversed.payment_id
    left join {{ ref('stg_billing__remittance_claim') }} as original
        on reversed.reverses_payment_id = original.payment_id
    left join {{ ref('int_claim__rooted') }} as rooted
        on payment.claim_id = rooted.claim_id
    left join bill
        on
            payment.claim_id = bill.claim_id
            and payment.payer_id_billing = bill.payer_id_billing
)

select
    payment.payment_id,
    payment.claim_id,
    payment.payer_sequence,
    payment.is_reversal,
    payment.is_reversed,
    payment.reverses_payment_id,
    payment.waits_for_original,
    not payment.is_reversal
    and bool_or(payment.is_reversal) over (
        partition by payment.claim_id, payment.payer_sequence
        order by payment.payment_date, payment.remittance_id, payment.claim_position
    ) as is_correction,
    coalesce(
        {{ payer_order('payment.payer_sequence') }}
        < max({{ payer_order('payment.payer_sequence') }})
        filter (where not payment.is_reversal and not payment.is_reversed)
            over (partition by payment.claim_id),
        false
    ) as is_taken_over,
    payment.charge_amount,
    payment.payment_date
from payment
