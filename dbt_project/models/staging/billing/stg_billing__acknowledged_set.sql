{{ config(indexes=[{'columns': ['group_control_number', 'set_control_number']}]) }}

with source as (
    {{ latest_record('raw_billing', '999.group') }}
),

-- A group that is refused as a whole may name no set.
answer as (
    select
        source.record_id,
        source.received_at,
        source.body,
        coalesce(named.ordinality, 0) as set_position,
        nullif(named.value ->> 'set_control_number', '') as set_control_number,
        coalesce(named.value ->> 'accept_code', source.body ->> 'accept_code')
            as accept_code
    from source
    left join lateral {{ numbered_elements("source.body -> 'sets'") }} as named on true
)

select
    record_id,
    set_position,
    body ->> 'sender_id' as sender_id,
    body ->> 'receiver_id' as receiver_id,
    body ->> 'group_control_number' as group_control_number,
    set_control_number,
    accept_code,
    coalesce(accept_code not in ('A', 'E', 'P'), true) as is_rejected,
    {{ system_day('received_at') }} as acknowledged_date
from answer
