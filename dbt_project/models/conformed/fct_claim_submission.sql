{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

with line as (
    select
        record_id,
        count(*) as line_count,
        sum(charge_amount) as gross_charge_amount
    from {{ ref('stg_billing__claim_line') }}
    group by record_id
)

select
    submission.claim_submission_id,
    ruled.claim_id,
    earlier.claim_submission_id as prior_submission_id,
    later.claim_submission_id as displaced_by_submission_id,
    submission.record_id,
    claim.facility_code,
    submission.transaction_type,
    submission.payer_sequence,
    submission.frequency_code,
    submission.submission_kind,
    ruled.submission_state,
    ruled.submission_state = 'in_force' as is_in_force,
    acknowledged.set_answer,
    acknowledged.claim_answer,
    submission.submission_reference,
    submission.submitted_charge_amount,
    coalesce(line.gross_charge_amount, 0.00) as gross_charge_amount,
    submission.submitted_charge_amount - coalesce(line.gross_charge_amount, 0.00)
        as unlined_charge_amount,
    coalesce(line.line_count, 0) as line_count,
    submission.submitted_date,
    acknowledged.set_acknowledged_date,
    acknowledged.claim_acknowledged_date,
    submission.statement_from_date,
    submission.statement_through_date
from {{ ref('int_claim_submission__ruled') }} as ruled
inner join {{ ref('stg_billing__claim') }} as submission
    on ruled.record_id = submission.record_id
inner join {{ ref('int_claim_submission__acknowledged') }} as acknowledged
    on ruled.record_id = acknowledged.record_id
inner join {{ ref('int_claim__located') }} as claim
    on ruled.claim_id = claim.claim_id
left join {{ ref('stg_billing__claim') }} as earlier
    on ruled.prior_record_id = earlier.record_id
left join {{ ref('stg_billing__claim') }} as later
    on ruled.displaced_by_record_id = later.record_id
left join line on ruled.record_id = line.record_id
