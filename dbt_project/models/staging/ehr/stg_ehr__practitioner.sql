with source as (
    {{ record_history(
        'raw_ehr', 'Practitioner', "(body #>> '{meta,lastUpdated}')"
    ) }}
)

select
    source.record_id,
    source.resource_id as provider_id,
    (
        select max(identifier.value ->> 'value')
        from {{ elements("source.body -> 'identifier'") }} as identifier
        where identifier.value ->> 'system' = 'http://hl7.org/fhir/sid/us-npi'
    ) as npi_code,
    nullif(
        concat_ws(
            ' ',
            source.body -> 'name' -> 0 -> 'given' ->> 0,
            source.body -> 'name' -> 0 ->> 'family'
        ),
        ''
    ) as provider_name,
    source.valid_from,
    source.valid_to
from source
