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
        cas.value as cas,
        source.body -> 'remark_codes' as remark_codes
    from source
    cross join lateral {{ numbered_elements("source.body -> 'adjustments'") }} as cas
),

line_level as (
    select
        source.record_id,
        source.resource_id,
        svc.ordinality as line_position,
        cas.ordinality as adjustment_position,
        cas.value as cas,
        coalesce(svc.value -> 'remark_codes', '[]'::jsonb)
        || coalesce(source.body -> 'remark_codes', '[]'::jsonb) as remark_codes
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
    -- Remarks (RARC) of the line and of the claim, in the order of the alphabet.
    coalesce(
        (
            select
                string_agg(
                    distinct remark.value #>> '{}', ' ' order by remark.value #>> '{}'
                )
            from {{ elements("adjustment.remark_codes") }} as remark
        ),
        ''
    ) as remark_codes,
    {{ as_amount("(cas ->> 'amount')") }} as adjustment_amount,
    (cas ->> 'byte_offset')::bigint as byte_offset,
    (cas ->> 'segment_number')::integer as segment_number
from adjustment
