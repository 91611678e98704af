with source as (
    {{ latest_record('raw_ehr', 'Procedure') }}
)

select
    source.record_id,
    source.resource_id as procedure_id,
    {{ reference_id('fhir.encounter') }} as encounter_id_ehr,
    {{ reference_id('fhir.location') }} as location_id_ehr,
    surgeon.provider_id_ehr,
    {{ reference_id('(fhir."partOf" -> 0)') }} as principal_procedure_id,
    fhir.code -> 'coding' -> 0 ->> 'code' as procedure_code,
    coalesce(fhir.status, 'unknown') as procedure_status,
    coalesce(
        fhir.category -> 'coding' @> '[{"code": "387713003"}]',
        lower(fhir.code -> 'coding' -> 0 ->> 'system') ~ 'icd-?10(-pcs)?$'
        and fhir.code -> 'coding' -> 0 ->> 'code' ~ '^[01]',
        false
    ) as is_surgical,
    coalesce(
        {{ as_timestamp('fhir."performedDateTime"') }},
        {{ as_timestamp("(fhir.\"performedPeriod\" ->> 'start')") }}
    ) as performed_at,
    coalesce(
        {{ as_told_date('fhir."performedDateTime"') }},
        {{ as_told_date("(fhir.\"performedPeriod\" ->> 'start')") }}
    ) as told_performed_date
from source
inner join lateral jsonb_to_record(source.body) as fhir (
    status text,
    category jsonb,
    code jsonb,
    encounter jsonb,
    location jsonb,
    performer jsonb,
    "partOf" jsonb,
    "performedDateTime" text,
    "performedPeriod" jsonb
) on true
left join lateral (
    select {{ reference_id("(part.value -> 'actor')") }} as provider_id_ehr
    from {{ numbered_elements('fhir.performer') }} as part
    where part.value -> 'actor' is not null
    order by
        part.value -> 'function' @> '{"coding": [{"code": "304292004"}]}'
        desc nulls last,
        part.ordinality
    limit 1
) as surgeon on true
