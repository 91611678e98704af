with source as (
    {{ latest_record('raw_ehr', 'Organization') }}
)

select
    source.record_id,
    source.resource_id as organization_id_ehr,
    {{ reference_id("(source.body -> 'partOf')") }} as parent_organization_id_ehr,
    identifier.npi_code,
    identifier.department_code_ehr,
    source.body ->> 'name' as organization_name
from source
cross join lateral (
    select
        max(element ->> 'value') filter (
            where element ->> 'system' = 'http://hl7.org/fhir/sid/us-npi'
        ) as npi_code,
        max(element ->> 'value') filter (
            where element ->> 'system' like '%:department'
        ) as department_code_ehr
    from jsonb_array_elements(
        {{ items("source.body -> 'identifier'") }}
    ) as element
) as identifier
