with source as (
    {{ record_history(
        'raw_ehr', 'Appointment', "(body #>> '{meta,lastUpdated}')"
    ) }}
)

select
    source.record_id,
    source.resource_id as appointment_id,
    (
        select {{ reference_id("(part.value -> 'actor')") }}
        from {{ numbered_elements('fhir.participant') }} as part
        where part.value -> 'actor' ->> 'reference' ~ '(^|/)Practitioner/'
        order by part.ordinality
        limit 1
    ) as provider_id_ehr,
    (
        select {{ reference_id("(part.value -> 'actor')") }}
        from {{ numbered_elements('fhir.participant') }} as part
        where part.value -> 'actor' ->> 'reference' ~ '(^|/)Location/'
        order by part.ordinality
        limit 1
    ) as location_id_ehr,
    (
        select
            string_agg(
                identifier.value ->> 'value', '|'
                order by identifier.value ->> 'value'
            )
        from {{ elements('fhir.identifier') }} as identifier
    ) as appointment_numbers,
    fhir."serviceType" -> 0 -> 'coding' -> 0 ->> 'code' as procedure_code,
    coalesce(fhir.status, 'unknown') as appointment_status,
    {{ as_timestamp('fhir.start') }} as start_at,
    -- It was booked when it was made, whatever was told of it first.
    case
        when source.valid_from = {{ since_ever() }}
            then
                least(
                    {{ system_day(as_timestamp('fhir.created')) | indent(20) }},
                    source.begins_on
                )
        else source.begins_on
    end as known_from,
    source.begins_on as told_date,
    source.valid_to as known_to
from source
inner join lateral jsonb_to_record(source.body) as fhir (
    status text,
    identifier jsonb,
    "serviceType" jsonb,
    participant jsonb,
    start text,
    created text
) on true
