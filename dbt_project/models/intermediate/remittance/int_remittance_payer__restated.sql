{{ config(indexes=[{'columns': ['claim_id', 'payer_position']}]) }}

-- Every payer's remittance accounts for the whole charge. What a later payer calls
-- contractual or denied beyond what was passed on to it, and does not leave to OA-23,
-- says again what an earlier payer decided: it is of the prior payer, so that it counts
-- once. What it decides otherwise of that, as by paying, an earlier payer had denied:
-- that denial is passed on to it. Only payments that stand are compared.
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
        sum(adjustment_amount) filter (
            where adjustment_category = 'contractual' and group_code <> 'PR'
        ) as contractual_amount,
        sum(adjustment_amount) filter (
            where adjustment_category = 'denial' and group_code <> 'PR'
        ) as denial_amount
    from {{ ref('int_remittance_adjustment__categorized') }}
    group by payment_id
),

payer as (
    select
        payment.claim_id,
        payment.payer_position,
        coalesce(sum(stated.contractual_amount), 0.00) as contractual,
        coalesce(sum(stated.denial_amount), 0.00) as denied,
        coalesce(sum(sum(stated.contractual_amount)) over before, 0.00)
            as earlier_contractual,
        coalesce(sum(sum(stated.denial_amount)) over before, 0.00) as earlier_denied,
        sum(payment.charge_amount) - coalesce(sum(stated.prior_amount), 0)
        - lag(coalesce(sum(stated.patient_amount), 0)) over payers as beyond
    from payment
    left join stated on payment.payment_id = stated.payment_id
    group by payment.claim_id, payment.payer_position
    window
        payers as (partition by payment.claim_id order by payment.payer_position),
        before as (payers rows between unbounded preceding and 1 preceding)
),

-- The first payer, before whom nobody decided, restates nothing.
restated as (
    select
        payer.claim_id,
        payer.payer_position,
        again.contractual,
        denied_again.denied,
        payer.denied - denied_again.denied as own_denied,
        greatest(payer.beyond - again.contractual - denied_again.denied, 0.00)
            as taken_over
    from payer
    cross join
        lateral (
            values (
                greatest(
                    least(payer.contractual, payer.earlier_contractual, payer.beyond),
                    0.00
                )
            )
        ) as again (contractual)
    cross join
        lateral (
            values (
                greatest(
                    least(
                        payer.denied,
                        payer.earlier_denied,
                        payer.beyond - again.contractual
                    ),
                    0.00
                )
            )
        ) as denied_again (denied)
),

-- Of several denials the earliest is passed on first.
passed_on as (
    select
        *,
        least(
            own_denied,
            coalesce(sum(taken_over) over later, 0),
            sum(taken_over) over claim - coalesce(sum(own_denied) over earlier, 0)
        ) as denied_passed_on
    from restated
    window
        claim as (partition by claim_id),
        payers as (partition by claim_id order by payer_position),
        earlier as (payers rows between unbounded preceding and 1 preceding),
        later as (payers rows between 1 following and unbounded following)
)

select
    passed_on.claim_id,
    passed_on.payer_position,
    part.adjustment_category,
    part.restated_amount,
    part.passed_on_amount
from passed_on
cross join
    lateral (
        values
        ('contractual', passed_on.contractual, 0.00),
        ('denial', passed_on.denied, greatest(passed_on.denied_passed_on, 0.00))
    ) as part (adjustment_category, restated_amount, passed_on_amount)
where part.restated_amount > 0 or part.passed_on_amount > 0
