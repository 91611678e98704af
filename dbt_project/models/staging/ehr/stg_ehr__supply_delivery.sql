with source as (
    {{ latest_record('raw_ehr', 'SupplyDelivery') }}
),

supplied as (
    select
        source.record_id,
        source.resource_id,
        source.received_at,
        fhir.*,
        fhir."suppliedItem" as item,
        (
            select device.value
            from {{ elements('fhir.contained') }} as device
            where
                '#' || (device.value ->> 'id')
                = fhir."suppliedItem" -> 'itemReference' ->> 'reference'
            order by device.value
            limit 1
        ) as device
    from source
    inner join lateral jsonb_to_record(source.body) as fhir (
        status text,
        patient jsonb,
        extension jsonb,
        contained jsonb,
        "basedOn" jsonb,
        "suppliedItem" jsonb,
        destination jsonb,
        "occurrenceDateTime" text,
        "occurrencePeriod" jsonb
    ) on true
)

select
    supplied.record_id,
    supplied.resource_id as supply_usage_id,
    {{ reference_id('supplied.patient') }} as patient_id_ehr,
    (
        select {{ reference_id("(link.value -> 'valueReference')") }}
        from {{ elements('supplied.extension') }} as link
        where link.value ->> 'url' like '%/encounter-associatedEncounter'
        order by link.value
        limit 1
    ) as encounter_id_ehr,
    {{ reference_id('supplied.destination') }} as location_id_ehr,
    {{ reference_id('(supplied."basedOn" -> 0)') }} as supply_request_id,
    coalesce(
        (
            select identifier.value ->> 'value'
            from {{ elements("supplied.device -> 'identifier'") }} as identifier
            order by identifier.value ->> 'system' like '%:item' desc nulls last
            limit 1
        ),
        supplied.item -> 'itemCodeableConcept' -> 'coding' -> 0 ->> 'code',
        {{ reference_id("(supplied.item -> 'itemReference')") }}
    ) as item_code_ehr,
    coalesce(
        supplied.item -> 'itemCodeableConcept' -> 'coding' -> 0 ->> 'display',
        supplied.item -> 'itemCodeableConcept' ->> 'text',
        supplied.device -> 'deviceName' -> 0 ->> 'name'
    ) as item_name_ehr,
    supplied.device ->> 'lotNumber' as lot_number,
    coalesce(supplied.status, 'completed') as delivery_status,
    coalesce(
        {{ as_number("(supplied.item -> 'quantity' ->> 'value')") }}, 0
    )::numeric(18, 4) as quantity,
    supplied.item -> 'quantity' ->> 'unit' as quantity_unit,
    {{ extended_quantity('supplied.extension', 'supply-unused-quantity') | indent }}
        as unused_quantity,
    {{ extended_quantity('supplied.extension', 'supply-returned-quantity') | indent }}
        as returned_quantity,
    coalesce(
        {{ as_timestamp('supplied."occurrenceDateTime"') }},
        {{ as_timestamp("(supplied.\"occurrencePeriod\" ->> 'start')") }},
        supplied.received_at
    ) as occurred_at,
    coalesce(
        {{ as_told_date('supplied."occurrenceDateTime"') }},
        {{ as_told_date("(supplied.\"occurrencePeriod\" ->> 'start')") }}
    ) as told_usage_date
from supplied
