{{ config(indexes=[{'columns': ['claim_id']}]) }}

with source as (
    {{ latest_record('raw_billing', '277CA.claim') }}
),

-- The claim's statuses decide; where only its lines have any, theirs do.
answered as (
    select
        record_id,
        case
            when body @? '$.statuses[*]' then body -> 'statuses'
            else jsonb_path_query_array(body, '$.lines[*].statuses[*]')
        end as statuses
    from source
),

status as (
    select
        answered.record_id,
        bool_or(
            said.value ->> 'category_code' in ('A3', 'A4', 'A6', 'A7', 'A8')
            or (
                said.value ->> 'action_code' = 'U'
                and coalesce(said.value ->> 'category_code', '')
                not in ('A0', 'A1', 'A2', 'A5')
            )
        ) as is_rejected,
        max({{ as_date("(said.value ->> 'effective_date')") }}) as effective_date
    from answered
    cross join lateral {{ elements("answered.statuses") }} as said
    group by answered.record_id
)

select
    source.record_id,
    coalesce(
        source.body ->> 'claim_id', 'unmapped|' || (source.body ->> 'account_number')
    ) as claim_id,
    nullif(source.body ->> 'submission_reference', '') as submission_reference,
    nullif(source.body ->> 'payer_claim_control_number', '')
        as payer_claim_control_number,
    status.is_rejected,
    {{ as_amount("(source.body ->> 'charge_amount')") }} as charge_amount,
    coalesce(status.effective_date, {{ system_day('source.received_at') }})
        as acknowledged_date
from source
inner join status on source.record_id = status.record_id
