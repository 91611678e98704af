{{ config(indexes=[{'columns': ['claim_id', 'payer_position']}]) }}

-- Every payer's remittance accounts for the whole charge. What a later payer calls
-- contractual or denied beyond what was passed on to it, and does not leave to OA-23,
-- says again what an earlier payer decided: it is of the prior payer, so that it counts
-- once. Only payments that stand are compared.
with payment as (
    select
        payment_id,
        claim_id,
        charge_amount,
        {{ payer_order('payer_sequence') }} as payer_position
    from {{ ref('int_remittance_claim__located') }}
    where not is_reversal and not is_reversed
),

stated as (
    select
        payment_id,
        sum(adjustment_amount) filter (where group_code = 'PR') as patient_amount,
        sum(adjustment_amount) filter (where adjustment_category = 'prior_payer')
            as prior_amount,
        sum(adjustment_amount) filter (where adjustment_category = 'contractual')
            as contractual_amount,
        sum(adjustment_amount) filter (where adjustment_category = 'denial')
            as denial_amount
    from {{ ref('int_remittance_adjustment__categorized') }}
    group by payment_id
),

payer as (
    select
        payment.claim_id,
        payment.payer_position,
        coalesce(sum(stated.contractual_amount), 0) as contractual_amount,
        coalesce(sum(stated.denial_amount), 0) as denial_amount,
        sum(coalesce(sum(stated.contractual_amount), 0)) over before
            as earlier_contractual_amount,
        sum(coalesce(sum(stated.denial_amount), 0)) over before
            as earlier_denial_amount,
        sum(payment.charge_amount) - coalesce(sum(stated.prior_amount), 0)
        - lag(coalesce(sum(stated.patient_amount), 0)) over payers
            as beyond_passed_on_amount
    from payment
    left join stated on payment.payment_id = stated.payment_id
    group by payment.claim_id, payment.payer_position
    window
        payers as (partition by payment.claim_id order by payment.payer_position),
        before as (payers rows between unbounded preceding and 1 preceding)
),

-- The first payer, before whom nobody decided, restates nothing.
later as (
    select
        *,
        least(
            contractual_amount, earlier_contractual_amount, beyond_passed_on_amount
        ) as restated_contractual_amount
    from payer
    where beyond_passed_on_amount is not null
)

select
    later.claim_id,
    later.payer_position,
    part.adjustment_category,
    part.restated_amount
from later
cross join
    lateral (
        values
        ('contractual', later.restated_contractual_amount),
        (
            'denial',
            least(
                later.denial_amount,
                later.earlier_denial_amount,
                later.beyond_passed_on_amount
                - greatest(later.restated_contractual_amount, 0.00)
            )
        )
    )
        as part (adjustment_category, restated_amount)
where part.restated_amount > 0
