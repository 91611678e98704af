{{ config(indexes=[{'columns': ['record_id']}]) }}

with source as (
    {{ latest_record('raw_billing', '835.claim') }}
),

claim_level as (
    select
        source.record_id,
        source.resource_id,
        0 as line_position,
        adjustment.position as adjustment_position,
        adjustment.element
    from source
    cross join lateral jsonb_array_elements(
        {{ items("source.body -> 'adjustments'") }}
    ) with ordinality as adjustment (element, position)
),

line_level as (
    select
        source.record_id,
        source.resource_id,
        service.position as line_position,
        adjustment.position as adjustment_position,
        adjustment.element
    from source
    cross join lateral jsonb_array_elements(
        {{ items("source.body -> 'lines'") }}
    ) with ordinality as service (element, position)
    cross join lateral jsonb_array_elements(
        {{ items("service.element -> 'adjustments'") }}
    ) with ordinality as adjustment (element, position)
),

adjustment as (
    select * from claim_level
    union all
    select * from line_level
)

select
    record_id,
    concat_ws('|', resource_id, line_position, adjustment_position) as adjustment_id,
    resource_id as payment_id,
    line_position,
    adjustment_position,
    coalesce(element ->> 'group_code', 'unknown') as group_code,
    coalesce(element ->> 'reason_code', 'unknown') as reason_code,
    {{ as_amount("(element ->> 'amount')") }} as adjustment_amount
from adjustment
