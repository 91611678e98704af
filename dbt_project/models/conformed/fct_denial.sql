{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

-- The first adjudication by a payer decides what is an initial denial; what the payer
-- says again later counts once. What a later payer took over was denied, and stands no
-- longer; patient responsibility that was passed on is no denial. One reason leads: of
-- the first adjudication, else of a later one, that of most dollars.
with answer as (
    select
        payment.*,
        not payment.is_reversal and row_number() over of_payer = 1
            as is_first_of_payer,
        not payment.is_reversal and row_number() over of_claim = 1
            as is_first_of_claim,
        max(payment.payment_date) over (
            partition by payment.claim_id, payment.payer_sequence
        ) as last_decided_date
    from {{ made(ref('fct_payment')) }} as payment
    window
        of_payer as (
            partition by payment.claim_id, payment.payer_sequence
            order by
                payment.is_reversal, payment.payment_date, payment.remittance_id,
                length(payment.payment_id), payment.payment_id
        ),
        of_claim as (
            partition by payment.claim_id
            order by
                payment.is_reversal, payment.payment_date, payment.remittance_id,
                length(payment.payment_id), payment.payment_id
        )
),

denied as (
    select
        payment_id,
        claim_id,
        payer_sequence,
        group_code,
        reason_code,
        remark_codes,
        adjustment_cause,
        sum(adjustment_amount) as amount,
        sum(adjustment_amount) filter (where not is_passed_on) as standing_amount
    from {{ made(ref('fct_remittance_adjustment')) }}
    where adjustment_category = 'denial' and not (is_passed_on and group_code = 'PR')
    group by
        payment_id, claim_id, payer_sequence, group_code, reason_code, remark_codes,
        adjustment_cause
),

summed as (
    select
        denied.*,
        count(*) over same_payment as reason_count,
        sum(denied.amount) over same_payment as payment_amount,
        coalesce(
            sum(denied.standing_amount) over (
                partition by denied.claim_id, denied.payer_sequence
            ),
            0.00
        ) as standing_denial_amount
    from denied
    window same_payment as (partition by denied.payment_id)
),

led as (
    select distinct on (summed.claim_id, summed.payer_sequence)
        summed.*,
        answer.encounter_id,
        answer.record_id,
        answer.facility_code,
        answer.service_line_code,
        answer.remitting_payer_code,
        answer.is_first_of_payer,
        answer.is_first_of_claim,
        answer.charge_amount,
        answer.payment_date,
        answer.last_decided_date
    from summed
    inner join answer on summed.payment_id = answer.payment_id
    order by
        summed.claim_id asc, summed.payer_sequence asc, answer.is_first_of_payer desc,
        answer.is_reversal asc, summed.amount desc, summed.group_code asc,
        summed.reason_code asc, summed.remark_codes asc, summed.payment_id asc
)

select
    led.claim_id,
    led.payer_sequence,
    led.payment_id,
    led.encounter_id,
    led.record_id,
    led.facility_code,
    led.service_line_code,
    coalesce(payer.payer_key, {{ unmapped_key() }}) as payer_key,
    led.remitting_payer_code as payer_code,
    coalesce(payer.payer_class, 'unmapped') as payer_class,
    led.group_code,
    led.reason_code,
    led.remark_codes,
    led.adjustment_cause as denial_cause,
    led.reason_count,
    led.is_first_of_claim as is_first_adjudication,
    led.charge_amount,
    case when led.is_first_of_payer then led.payment_amount else 0.00 end
        as initial_denial_amount,
    led.standing_denial_amount,
    led.payment_date as denied_date,
    led.last_decided_date
from led
left join {{ ref('dim_payer') }} as payer
    on
        led.remitting_payer_code = payer.payer_code
        and {{ holds_on('payer', 'led.payment_date') | indent(8) }}
