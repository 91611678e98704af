{{ config(indexes=[{'columns': ['record_id', 'line_position'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_billing', '837.claim') }}
),

line as (
    select
        source.record_id,
        service.ordinality as line_position,
        service.value as service,
        coalesce(
            service.value ->> 'line_number', service.ordinality::text
        ) as line_number
    from source
    cross join lateral {{ numbered_elements("source.body -> 'lines'") }} as service
),

numbered as (
    select
        line.*,
        row_number() over (
            partition by line.record_id, line.line_number order by line.line_position
        ) as occurrence
    from line
)

select
    record_id,
    line_position,
    case
        when occurrence = 1 then line_number
        else line_number || '.' || occurrence
    end as line_number,
    nullif(service ->> 'line_control_number', '') as line_control_number,
    lpad(nullif(service ->> 'revenue_code', ''), 4, '0') as revenue_code,
    nullif(service ->> 'procedure_code', '') as procedure_code,
    {{ as_amount("(service ->> 'charge_amount')") }} as charge_amount,
    {{ as_number("(service ->> 'quantity')") }}::numeric(18, 4) as service_quantity,
    service ->> 'unit' as service_quantity_unit,
    {{ as_date("(service ->> 'service_date')") }} as service_date,
    (service ->> 'byte_offset')::bigint as byte_offset,
    (service ->> 'segment_number')::integer as segment_number
from numbered
