{{ config(indexes=[{'columns': ['record_id', 'line_position'], 'unique': true}]) }}

with source as (
    {{ latest_record('raw_billing', '837.claim') }}
),

line as (
    select
        source.record_id,
        service.position as line_position,
        service.element,
        coalesce(
            service.element ->> 'line_number', service.position::text
        ) as line_number
    from source
    cross join lateral jsonb_array_elements(
        {{ items("source.body -> 'lines'") }}
    ) with ordinality as service (element, position)
),

numbered as (
    select
        line.*,
        row_number() over (
            partition by record_id, line_number order by line_position
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
    lpad(nullif(element ->> 'revenue_code', ''), 4, '0') as revenue_code,
    nullif(element ->> 'procedure_code', '') as procedure_code,
    {{ as_amount("(element ->> 'charge_amount')") }} as charge_amount,
    {{ as_number("(element ->> 'quantity')") }}::numeric(18, 4) as service_quantity,
    element ->> 'unit' as service_quantity_unit,
    {{ as_date("(element ->> 'service_date')") }} as service_date
from numbered
