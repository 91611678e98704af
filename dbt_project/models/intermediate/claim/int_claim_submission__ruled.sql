{{ config(indexes=[
    {'columns': ['record_id'], 'unique': true}, {'columns': ['claim_id']}
]) }}

-- Which submission stands: a bill takes the place of all before it, an interim bill
-- that of its period, a replacement or void that of what it continues and of all that
-- continued it before; a late bill adds.
with submission as (
    select * from {{ ref('int_claim_submission__weighed') }}
),

displaced as (
    select distinct on (earlier.record_id)
        earlier.record_id,
        later.record_id as displaced_by_record_id,
        later.submission_kind
    from submission as earlier
    inner join submission as later
        on
            earlier.claim_id = later.claim_id
            and earlier.payer_sequence = later.payer_sequence
            and earlier.submission_rank < later.submission_rank
    where
        earlier.idle_reason = ''
        and later.idle_reason = ''
        and case later.submission_kind
            when 'late' then false
            when 'interim'
                then
                    earlier.submission_kind = 'interim'
                    and (earlier.statement_from_date, earlier.statement_through_date)
                    is not distinct from
                    (later.statement_from_date, later.statement_through_date)
            when 'original' then true
            else
                not later.is_partial
                or later.continued_record_id
                in (earlier.record_id, earlier.continued_record_id)
                or (
                    later.continued_kind <> 'late'
                    and earlier.statement_from_date >= later.statement_from_date
                    and earlier.statement_through_date <= later.statement_through_date
                )
        end
    order by earlier.record_id, later.submission_rank
),

standing as (
    select
        submission.*,
        displaced.displaced_by_record_id,
        case
            when submission.idle_reason <> '' then submission.idle_reason
            when submission.submission_kind = 'void' then 'void'
            when displaced.submission_kind = 'void' then 'voided'
            when displaced.record_id is not null then 'replaced'
            else 'stands'
        end as standing_state,
        {{ payer_order('submission.payer_sequence') }} as payer_order
    from submission
    left join displaced on submission.record_id = displaced.record_id
),

ordered as (
    select
        standing.*,
        standing.payer_order > min(standing.payer_order)
        filter (where standing.idle_reason = '')
            over (partition by standing.claim_id)
            as is_for_next_payer,
        row_number() over (
            partition by
                standing.claim_id,
                standing.payer_order,
                standing.frequency_code,
                standing.submitted_date
            order by standing.submission_rank
        ) as ordinal
    from standing
)

select
    record_id,
    claim_id_billing,
    claim_id,
    payer_sequence,
    submission_rank,
    frequency_code,
    submission_kind,
    submitted_date,
    prior_record_id,
    displaced_by_record_id,
    case
        when standing_state <> 'stands' then standing_state
        when is_for_next_payer then 'next_payer'
        else 'in_force'
    end as submission_state,
    -- A line of a bill that adds to others keeps its id whatever comes after.
    concat_ws(
        '|',
        claim_id,
        case
            when is_partial
                then concat_ws(
                    '.',
                    to_char(submitted_date, 'YYYYMMDD'),
                    frequency_code,
                    nullif(ordinal, 1)
                )
        end
    ) as charge_id_prefix
from ordered
