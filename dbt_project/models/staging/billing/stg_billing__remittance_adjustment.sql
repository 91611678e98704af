{{ config(indexes=[{'columns': ['record_id']}]) }}

with source as (
    {{ latest_record('raw_billing', '835.claim') }}
),

claim_level as (
    select
        source.record_id,
        source.resource_id,
        0 as line_position,
        cas.ordinality as adjustment_position,
        cas.value as cas
    from source
    cross join lateral {{ numbered_elements("source.body -> 'adjustments'") }} as cas
),

line_level as (
    select
        source.record_id,
        source.resource_id,
        svc.ordinality as line_position,
        cas.ordinality as adjustment_position,
        cas.value as cas
    from source
    cross join lateral {{ numbered_elements("source.body -> 'lines'") }} as svc
    cross join lateral {{ numbered_elements("svc.value -> 'adjustments'") }} as cas
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
    coalesce(cas ->> 'group_code', 'unknown') as group_code,
    coalesce(cas ->> 'reason_code', 'unknown') as reason_code,
    {{ as_amount("(cas ->> 'amount')") }} as adjustment_amount
from adjustment
