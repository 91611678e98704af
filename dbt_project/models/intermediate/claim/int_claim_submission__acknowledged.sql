{{ config(indexes=[{'columns': ['record_id'], 'unique': true}]) }}

-- A 999 answers a transaction set, from its receiver to its sender; a 277CA answers the
-- claim in the submission that it names, else in the last one before it.
with submission as (
    select * from {{ ref('stg_billing__claim') }}
),

by_set as (
    select
        submission.record_id,
        bool_or(answer.is_rejected) as is_rejected,
        (
            array_agg(
                answer.record_id order by answer.is_rejected desc, answer.record_id asc
            )
        )[1] as answer_record_id,
        min(answer.acknowledged_date) as acknowledged_date
    from submission
    inner join {{ ref('stg_billing__acknowledged_set') }} as answer
        on
            submission.group_control_number = answer.group_control_number
            and submission.set_control_number
            = coalesce(answer.set_control_number, submission.set_control_number)
            and submission.sender_id = answer.receiver_id
            and submission.receiver_id = answer.sender_id
    group by submission.record_id
),

answered_claim as (
    select distinct on (answer.record_id)
        answer.record_id as answer_record_id,
        submission.record_id,
        answer.is_rejected,
        answer.acknowledged_date
    from {{ ref('stg_billing__claim_acknowledgement') }} as answer
    inner join submission
        on
            answer.claim_id = submission.claim_id
            and (
                answer.submission_reference = submission.submission_reference
                or (
                    answer.submission_reference is null
                    and answer.acknowledged_date >= submission.submitted_date
                )
            )
    order by
        answer.record_id asc,
        answer.charge_amount = submission.submitted_charge_amount desc,
        submission.submission_rank desc
),

by_claim as (
    select
        record_id,
        bool_or(is_rejected) as is_rejected,
        (
            array_agg(answer_record_id order by is_rejected desc, answer_record_id asc)
        )[1] as answer_record_id,
        min(acknowledged_date) as acknowledged_date
    from answered_claim
    group by record_id
)

select
    submission.record_id,
    case
        when by_set.is_rejected then 'rejected'
        when by_set.record_id is not null then 'accepted'
        else ''
    end as set_answer,
    by_set.answer_record_id as set_answer_record_id,
    by_set.acknowledged_date as set_acknowledged_date,
    case
        when by_claim.is_rejected then 'rejected'
        when by_claim.record_id is not null then 'accepted'
        else ''
    end as claim_answer,
    by_claim.answer_record_id as claim_answer_record_id,
    by_claim.acknowledged_date as claim_acknowledged_date,
    coalesce(by_set.is_rejected or by_claim.is_rejected, false) as is_rejected
from submission
left join by_set on submission.record_id = by_set.record_id
left join by_claim on submission.record_id = by_claim.record_id
