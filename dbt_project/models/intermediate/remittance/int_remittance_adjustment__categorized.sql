{{ config(indexes=[{'columns': ['adjustment_id'], 'unique': true}]) }}

-- The customer's rules and the product's taxonomy are one list; the most specific row
-- decides: first by reason, then by payer, remark and group; the customer's before
-- ours.
with rule as (
    select
        *,
        true as is_of_customer
    from {{ ref('stg_reference__denial_rule') }}
    union all
    select
        *,
        false as is_of_customer
    from {{ ref('denial_taxonomy') }}
),

adjustment as (
    select
        adjusted.*,
        payment.claim_id,
        payment.account_id,
        payment.facility_code,
        payment.remitting_payer_code,
        payment.payer_sequence,
        payment.is_taken_over and adjusted.group_code = 'PR' as is_passed_on,
        payment.payment_date,
        payment.service_month
    from {{ ref('stg_billing__remittance_adjustment') }} as adjusted
    inner join {{ ref('int_remittance_claim__located') }} as payment
        on adjusted.record_id = payment.record_id
),

question as (
    select distinct
        group_code,
        reason_code,
        remark_codes,
        remitting_payer_code,
        payment_date
    from adjustment
),

decision as (
    select distinct on (
        question.group_code,
        question.reason_code,
        question.remark_codes,
        question.remitting_payer_code,
        question.payment_date
    )
        question.*,
        rule.adjustment_category,
        rule.adjustment_cause
    from question
    inner join rule
        on
            rule.group_code in ('*', question.group_code)
            and rule.reason_code in ('*', question.reason_code)
            and rule.payer_code in ('*', question.remitting_payer_code)
            and (
                rule.remark_code = '*'
                or rule.remark_code = any(string_to_array(question.remark_codes, ' '))
            )
            and question.payment_date >= rule.valid_from
            and question.payment_date < coalesce(rule.valid_to, 'infinity'::date)
    order by
        question.group_code asc,
        question.reason_code asc,
        question.remark_codes asc,
        question.remitting_payer_code asc,
        question.payment_date asc,
        rule.reason_code = '*' asc,
        rule.payer_code = '*' asc,
        rule.remark_code = '*' asc,
        rule.group_code = '*' asc,
        rule.is_of_customer desc,
        rule.remark_code asc
)

select
    adjustment.record_id,
    adjustment.adjustment_id,
    adjustment.payment_id,
    adjustment.claim_id,
    adjustment.account_id,
    adjustment.facility_code,
    adjustment.payer_sequence,
    adjustment.line_position,
    adjustment.group_code,
    adjustment.reason_code,
    adjustment.remark_codes,
    coalesce(decision.adjustment_category, 'other') as adjustment_category,
    coalesce(decision.adjustment_cause, 'other') as adjustment_cause,
    adjustment.is_passed_on,
    adjustment.adjustment_amount,
    adjustment.payment_date,
    adjustment.service_month,
    adjustment.byte_offset,
    adjustment.segment_number
from adjustment
left join decision
    on
        adjustment.group_code = decision.group_code
        and adjustment.reason_code = decision.reason_code
        and adjustment.remark_codes = decision.remark_codes
        and adjustment.remitting_payer_code = decision.remitting_payer_code
        and adjustment.payment_date = decision.payment_date
