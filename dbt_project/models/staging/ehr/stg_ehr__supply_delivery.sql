with source as (
    {{ latest_record('raw_ehr', 'SupplyDelivery') }}
),

supplied as (
    select
        source.record_id,
        source.resource_id,
        source.received_at,
        source.body,
        source.body -> 'suppliedItem' as item,
        (
            select contained.element
            from jsonb_array_elements(
                {{ items("source.body -> 'contained'") }}
            ) as contained (element)
            where
                '#' || (contained.element ->> 'id')
                = source.body -> 'suppliedItem' -> 'itemReference' ->> 'reference'
            limit 1
        ) as device
    from source
)

select
    supplied.record_id,
    supplied.resource_id as supply_usage_id,
    {{ reference_id("(supplied.body -> 'patient')") }} as patient_id_ehr,
    (
        select {{ reference_id("(extension.element -> 'valueReference')") }}
        from jsonb_array_elements(
            {{ items("supplied.body -> 'extension'") }}
        ) as extension (element)
        where extension.element ->> 'url' like '%/encounter-associatedEncounter'
        limit 1
    ) as encounter_id_ehr,
    {{ reference_id("(supplied.body -> 'destination')") }} as location_id_ehr,
    coalesce(
        (
            select identifier.element ->> 'value'
            from jsonb_array_elements(
                {{ items("supplied.device -> 'identifier'") }}
            ) as identifier (element)
            order by identifier.element ->> 'system' like '%:item' desc nulls last
            limit 1
        ),
        supplied.item -> 'itemCodeableConcept' -> 'coding' -> 0 ->> 'code',
        {{ reference_id("(supplied.item -> 'itemReference')") }}
    ) as item_code_ehr,
    supplied.device ->> 'lotNumber' as lot_number,
    coalesce(supplied.body ->> 'status', 'completed') as delivery_status,
    coalesce(
        {{ as_number("(supplied.item -> 'quantity' ->> 'value')") }}, 0
    )::numeric(18, 4) as quantity,
    supplied.item -> 'quantity' ->> 'unit' as quantity_unit,
    coalesce(
        {{ as_timestamp("(supplied.body ->> 'occurrenceDateTime')") }},
        {{ as_timestamp("(supplied.body -> 'occurrencePeriod' ->> 'start')") }},
        supplied.received_at
    ) as occurred_at
from supplied
