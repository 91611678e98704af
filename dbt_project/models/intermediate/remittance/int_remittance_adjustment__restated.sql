{{ config(indexes=[
    {'columns': ['adjustment_id'], 'unique': true}, {'columns': ['claim_id']}
]) }}

-- What is restated is taken from the first adjustments of its payer and category, what
-- is passed on from those after them.
with payment as (
    select
        payment_id,
        claim_id,
        {{ payer_order('payer_sequence') }} as payer_position
    from {{ ref('int_remittance_claim__located') }}
    where not is_reversal and not is_reversed
),

weighed as (
    select
        adjusted.adjustment_id,
        adjusted.adjustment_amount,
        restated.restated_amount,
        restated.passed_on_amount,
        sum(adjusted.adjustment_amount) over (
            partition by
                payment.claim_id,
                payment.payer_position,
                adjusted.adjustment_category
            order by adjusted.adjustment_id
        ) - adjusted.adjustment_amount as earlier_amount
    from {{ ref('int_remittance_adjustment__categorized') }} as adjusted
    inner join payment on adjusted.payment_id = payment.payment_id
    inner join {{ ref('int_remittance_payer__restated') }} as restated
        on
            payment.claim_id = restated.claim_id
            and payment.payer_position = restated.payer_position
            and adjusted.adjustment_category = restated.adjustment_category
    where adjusted.group_code <> 'PR'
),

adjustment as (
    select
        adjustment_id,
        greatest(least(adjustment_amount, restated_amount - earlier_amount), 0.00)
            as restated_amount,
        greatest(
            least(
                adjustment_amount, restated_amount + passed_on_amount - earlier_amount
            ),
            0.00
        ) as elsewhere_amount
    from weighed
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
    part.is_passed_on,
    part.adjustment_amount,
    adjusted.payment_date,
    adjusted.service_month,
    adjusted.byte_offset,
    adjusted.segment_number
from {{ ref('int_remittance_adjustment__categorized') }} as adjusted
left join adjustment
    on
        adjusted.adjustment_id = adjustment.adjustment_id
        and adjustment.elsewhere_amount > 0
cross join
    lateral (
        values
        (
            adjusted.adjustment_id,
            adjusted.adjustment_category,
            adjusted.adjustment_cause,
            adjusted.is_passed_on,
            adjusted.adjustment_amount - coalesce(adjustment.elsewhere_amount, 0.00)
        ),
        (
            adjusted.adjustment_id || '|restated',
            'prior_payer',
            'restated',
            adjusted.is_passed_on,
            adjustment.restated_amount
        ),
        (
            adjusted.adjustment_id || '|passed_on',
            adjusted.adjustment_category,
            adjusted.adjustment_cause,
            true,
            adjustment.elsewhere_amount - adjustment.restated_amount
        )
    )
        as part (
            adjustment_id,
            adjustment_category,
            adjustment_cause,
            is_passed_on,
            adjustment_amount
        )
where
    part.adjustment_amount <> 0
    or part.adjustment_amount = adjusted.adjustment_amount
