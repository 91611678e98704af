{{ config(indexes=[
    {'columns': ['record_id'], 'unique': true}, {'columns': ['claim_id']}
]) }}

-- Why a submission moves nothing: it is rejected, waits for its prior, or was said
-- before; or it replaces or voids what payers have answered, and neither are those
-- answers taken back nor has its own come. Until then the prior stays revenue.
with awaiting as (
    select submission.record_id
    from {{ ref('int_claim_submission__linked') }} as submission
    inner join {{ ref('int_remittance_claim__ordered') }} as answer
        on
            submission.claim_id = answer.claim_id
            and submission.payer_sequence = answer.payer_sequence
    where submission.is_continuation and not answer.is_reversal
    group by submission.record_id
    having
        bool_or(
            answer.payment_date < submission.submitted_date
            and answer.charge_amount = submission.prior_charge_amount
            and not answer.is_reversed
        )
        and not bool_or(answer.payment_date >= submission.submitted_date)
),

-- Said again, with no void in between.
repeated as (
    select distinct later.record_id
    from {{ ref('int_claim_submission__linked') }} as later
    inner join {{ ref('int_claim_submission__linked') }} as earlier
        on
            later.claim_id = earlier.claim_id
            and later.content_hash = earlier.content_hash
            and later.submission_rank > earlier.submission_rank
    where
        not later.is_rejected
        and not earlier.is_rejected
        and not exists (
            select 1
            from {{ ref('int_claim_submission__linked') }} as between_them
            where
                between_them.claim_id = later.claim_id
                and between_them.submission_kind = 'void'
                and between_them.submission_rank between
                earlier.submission_rank + 1 and later.submission_rank - 1
        )
)

select
    submission.record_id,
    submission.claim_id_billing,
    submission.claim_id,
    submission.payer_sequence,
    submission.submission_rank,
    submission.frequency_code,
    submission.submission_kind,
    submission.content_hash,
    submission.submitted_date,
    submission.statement_from_date,
    submission.statement_through_date,
    submission.is_rejected,
    submission.prior_record_id,
    submission.continued_record_id,
    submission.continued_kind,
    submission.prior_charge_amount,
    submission.is_continuation,
    submission.waits_for_prior,
    case
        when submission.is_rejected then 'rejected'
        when submission.waits_for_prior then 'waits_for_prior'
        when repeated.record_id is not null then 'duplicate'
        when awaiting.record_id is not null then 'awaits_reversal'
        else ''
    end as idle_reason,
    submission.submission_kind = 'late'
    or submission.continued_kind = 'late'
    or bool_or(
        submission.submission_kind = 'interim' and not submission.is_rejected
    ) over (
        partition by submission.claim_id, submission.payer_sequence
        order by submission.submission_rank
    ) as is_partial
from {{ ref('int_claim_submission__linked') }} as submission
left join awaiting on submission.record_id = awaiting.record_id
left join repeated on submission.record_id = repeated.record_id
