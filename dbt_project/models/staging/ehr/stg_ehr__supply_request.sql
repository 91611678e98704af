with source as (
    {{ latest_record('raw_ehr', 'SupplyRequest') }}
)

select
    source.record_id,
    source.resource_id as supply_request_id,
    {{ reference_id('fhir."deliverTo"') }} as location_id_ehr,
    coalesce(
        fhir."itemCodeableConcept" -> 'coding' -> 0 ->> 'code',
        {{ reference_id('fhir."itemReference"') }}
    ) as item_code_ehr,
    coalesce(fhir.status, 'unknown') as request_status,
    coalesce({{ as_number("(fhir.quantity ->> 'value')") }}, 0)::numeric(18, 4)
        as requested_quantity,
    coalesce(
        {{ as_timestamp('fhir."occurrenceDateTime"') }},
        {{ as_timestamp("(fhir.\"occurrencePeriod\" ->> 'start')") }},
        {{ as_timestamp('fhir."authoredOn"') }},
        source.received_at
    ) as requested_at,
    coalesce(
        {{ as_told_date('fhir."occurrenceDateTime"') }},
        {{ as_told_date("(fhir.\"occurrencePeriod\" ->> 'start')") }},
        case
            when num_nulls(fhir."occurrenceDateTime", fhir."occurrencePeriod") = 2
                then {{ as_told_date('fhir."authoredOn"') | indent(16) }}
        end
    ) as told_request_date
from source
inner join lateral jsonb_to_record(source.body) as fhir (
    status text,
    "itemCodeableConcept" jsonb,
    "itemReference" jsonb,
    quantity jsonb,
    "deliverTo" jsonb,
    "occurrenceDateTime" text,
    "occurrencePeriod" jsonb,
    "authoredOn" text
) on true
