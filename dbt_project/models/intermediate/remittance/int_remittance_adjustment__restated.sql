{{ config(indexes=[
    {'columns': ['adjustment_id'], 'unique': true}, {'columns': ['claim_id']}
]) }}

-- Every payer's remittance accounts for the whole charge. What a later payer calls
-- contractual beyond what was passed on to it, and does not leave to OA-23, says again
-- what an earlier payer decided: it is of the prior payer, so that the contractual
-- counts once. Only payments that stand are compared.
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
            as contractual_amount
    from {{ ref('int_remittance_adjustment__categorized') }}
    group by payment_id
),

payer as (
    select
        payment.claim_id,
        payment.payer_position,
        least(
            sum(coalesce(sum(stated.contractual_amount), 0)) over (
                earlier rows between unbounded preceding and 1 preceding
            ),
            sum(payment.charge_amount) - coalesce(sum(stated.prior_amount), 0)
            - lag(coalesce(sum(stated.patient_amount), 0)) over earlier
        ) as restated_amount
    from payment
    left join stated on payment.payment_id = stated.payment_id
    group by payment.claim_id, payment.payer_position
    window
        earlier as (
            partition by payment.claim_id order by payment.payer_position
        )
),

adjustment as (
    select
        adjusted.*,
        greatest(
            0.00,
            least(
                adjusted.adjustment_amount,
                payer.restated_amount - sum(adjusted.adjustment_amount) over (
                    partition by payment.claim_id, payment.payer_position
                    order by adjusted.adjustment_id
                ) + adjusted.adjustment_amount
            )
        ) as restated_amount
    from {{ ref('int_remittance_adjustment__categorized') }} as adjusted
    inner join payment on adjusted.payment_id = payment.payment_id
    inner join payer
        on
            payment.claim_id = payer.claim_id
            and payment.payer_position = payer.payer_position
    where
        adjusted.adjustment_category = 'contractual' and payer.restated_amount > 0
)

select
    adjusted.record_id,
    part.adjustment_id,
    adjusted.payment_id,
    adjusted.claim_id,
    adjusted.account_id,
    adjusted.facility_code,
    adjusted.payer_sequence,
    adjusted.line_position,
    adjusted.group_code,
    adjusted.reason_code,
    adjusted.remark_codes,
    part.adjustment_category,
    part.adjustment_cause,
    adjusted.is_passed_on,
    part.adjustment_amount,
    adjusted.payment_date,
    adjusted.service_month,
    adjusted.byte_offset,
    adjusted.segment_number
from {{ ref('int_remittance_adjustment__categorized') }} as adjusted
left join adjustment
    on
        adjusted.adjustment_id = adjustment.adjustment_id
        and adjustment.restated_amount > 0
cross join
    lateral (
        values
        (
            adjusted.adjustment_id,
            adjusted.adjustment_category,
            adjusted.adjustment_cause,
            adjusted.adjustment_amount - coalesce(adjustment.restated_amount, 0.00)
        ),
        (
            adjusted.adjustment_id || '|restated',
            'prior_payer',
            'restated',
            adjustment.restated_amount
        )
    )
        as part (
            adjustment_id, adjustment_category, adjustment_cause, adjustment_amount
        )
where
    part.adjustment_amount <> 0
    or part.adjustment_amount = adjusted.adjustment_amount
