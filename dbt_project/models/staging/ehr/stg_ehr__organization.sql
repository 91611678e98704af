with source as (
    {{ latest_record('raw_ehr', 'Organization') }}
)

select
    source.record_id,
    source.resource_id as organization_id_ehr,
    {{ reference_id("(source.body -> 'partOf')") }} as parent_organization_id_ehr,
    found.npi_code,
    found.department_code_ehr,
    source.body ->> 'name' as organization_name
from source
cross join lateral (
    select
        max(identifier.value ->> 'value') filter (
            where identifier.value ->> 'system' = 'http://hl7.org/fhir/sid/us-npi'
        ) as npi_code,
        max(identifier.value ->> 'value') filter (
            where identifier.value ->> 'system' like '%:department'
        ) as department_code_ehr
    from {{ elements("source.body -> 'identifier'") }} as identifier
) as found
