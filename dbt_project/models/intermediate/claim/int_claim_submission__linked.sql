{{ config(indexes=[
    {'columns': ['record_id'], 'unique': true}, {'columns': ['claim_id']}
]) }}

-- Every submission with the one that it replaces or voids: the one whose answer has
-- the number that it names, else the one of its period, else the last before it; and
-- with the bill that a chain of them continues in the end.
with recursive submission as (
    select
        claim.*,
        rooted.root_claim_id,
        acknowledged.is_rejected,
        claim.submission_kind in ('replacement', 'void') as is_continuation
    from {{ ref('stg_billing__claim') }} as claim
    inner join {{ ref('int_claim__rooted') }} as rooted
        on claim.claim_id = rooted.claim_id
    inner join {{ ref('int_claim_submission__acknowledged') }} as acknowledged
        on claim.record_id = acknowledged.record_id
),

referenced as (
    select
        submission.record_id,
        array_agg(known.charge_amount) as charge_amounts
    from submission
    inner join {{ ref('int_claim_number__known') }} as known
        on
            submission.original_reference = known.reference_number
            and submission.billing_npi = known.billing_npi
            and submission.submitted_date > known.known_date
    where submission.is_continuation
    group by submission.record_id
),

-- A line of submissions starts with a bill, or with a number that the payer knows.
started as (
    select
        submission.*,
        referenced.charge_amounts,
        bool_or(
            not submission.is_rejected
            and (not submission.is_continuation or referenced.record_id is not null)
        ) over (
            partition by submission.root_claim_id, submission.payer_sequence
            order by submission.submission_rank
        ) as is_started
    from submission
    left join referenced on submission.record_id = referenced.record_id
),

predecessor as (
    select distinct on (later.record_id)
        later.record_id,
        earlier.record_id as prior_record_id,
        earlier.submission_kind as prior_kind,
        earlier.submitted_charge_amount as prior_charge_amount
    from started as later
    inner join started as earlier
        on
            later.root_claim_id = earlier.root_claim_id
            and later.payer_sequence = earlier.payer_sequence
            and later.submission_rank > earlier.submission_rank
    where later.is_continuation and not earlier.is_rejected and earlier.is_started
    order by
        later.record_id asc,
        earlier.submission_kind = 'void' asc,
        earlier.submitted_charge_amount
        = any(coalesce(later.charge_amounts, '{}')) desc,
        earlier.submission_kind = 'late' asc,
        coalesce(
            earlier.statement_from_date = later.statement_from_date
            and earlier.statement_through_date = later.statement_through_date,
            false
        ) desc,
        earlier.submission_rank desc
),

continued as (
    select
        predecessor.record_id,
        predecessor.prior_record_id as continued_record_id,
        predecessor.prior_kind as continued_kind
    from predecessor
    left join predecessor as before_it
        on predecessor.prior_record_id = before_it.record_id
    where before_it.record_id is null
    union all
    select
        predecessor.record_id,
        continued.continued_record_id,
        continued.continued_kind
    from continued
    inner join predecessor on continued.record_id = predecessor.prior_record_id
)

select
    started.record_id,
    started.claim_id as claim_id_billing,
    started.root_claim_id as claim_id,
    started.payer_sequence,
    started.submission_rank,
    started.frequency_code,
    started.submission_kind,
    started.content_hash,
    started.submitted_date,
    started.statement_from_date,
    started.statement_through_date,
    started.is_rejected,
    predecessor.prior_record_id,
    continued.continued_record_id,
    coalesce(continued.continued_kind, '') as continued_kind,
    predecessor.prior_charge_amount,
    started.is_continuation,
    started.is_continuation
    and not started.is_rejected
    and not started.is_started as waits_for_prior
from started
left join predecessor on started.record_id = predecessor.record_id
left join continued on started.record_id = continued.record_id
