{{ config(
    materialized='kept',
    replaces=of_scope('raw_billing', "split_part(claim_event_id, '|', 2)::bigint"),
) }}

-- What happened to a claim, each with the record that says so.
with submission as (
    select
        ruled.claim_id,
        ruled.record_id,
        ruled.payer_sequence,
        unnest(array[
            'submitted',
            'set_' || nullif(acknowledged.set_answer, ''),
            'claim_' || nullif(acknowledged.claim_answer, ''),
            case
                when ruled.submission_state in ('replaced', 'voided')
                    then ruled.submission_state
            end
        ]) as event_code,
        unnest(array[
            ruled.record_id,
            acknowledged.set_answer_record_id,
            acknowledged.claim_answer_record_id,
            later.record_id
        ]) as said_by,
        unnest(array[
            ruled.submitted_date,
            acknowledged.set_acknowledged_date,
            acknowledged.claim_acknowledged_date,
            later.submitted_date
        ]) as event_date
    from {{ ref('int_claim_submission__ruled') }} as ruled
    inner join {{ ref('int_claim_submission__acknowledged') }} as acknowledged
        on ruled.record_id = acknowledged.record_id
    left join {{ ref('int_claim_submission__ruled') }} as later
        on ruled.displaced_by_record_id = later.record_id
),

payment as (
    select
        claim_id,
        record_id,
        payer_sequence,
        case
            when is_reversal then 'reversed'
            when is_correction then 'corrected'
            else 'adjudicated'
        end as event_code,
        payment_date as event_date
    from {{ ref('int_remittance_claim__located') }}
),

predetermination as (
    select
        claim_id,
        record_id,
        coalesce(payer_sequence, 'P') as payer_sequence,
        'predetermined' as event_code,
        payment_date as event_date
    from {{ ref('stg_billing__remittance_claim') }}
    where is_predetermination
),

closing as (
    select
        claim.claim_id,
        claim.record_id,
        'P' as payer_sequence,
        'closed' as event_code,
        settled.closed_date as event_date
    from {{ ref('int_claim__settled') }} as settled
    inner join {{ ref('int_claim__located') }} as claim
        on settled.claim_id = claim.claim_id
    where settled.closed_date is not null
),

event as (
    select
        claim_id,
        record_id as about_record_id,
        payer_sequence,
        event_code,
        said_by as record_id,
        event_date
    from submission
    where event_code is not null
    union all
    select
        claim_id,
        record_id as about_record_id,
        payer_sequence,
        event_code,
        record_id,
        event_date
    from (
        select * from payment
        union all
        select * from predetermination
        union all
        select * from closing
    ) as remitted
)

select
    event.event_code || '|' || event.about_record_id as claim_event_id,
    event.claim_id,
    event.record_id,
    coalesce(claim.facility_code, payment.facility_code, 'unmapped') as facility_code,
    event.payer_sequence,
    event.event_code,
    event.event_date
from event
left join {{ ref('int_claim__located') }} as claim on event.claim_id = claim.claim_id
left join {{ ref('int_remittance_claim__located') }} as payment
    on
        event.about_record_id = payment.record_id
        and claim.claim_id is null
