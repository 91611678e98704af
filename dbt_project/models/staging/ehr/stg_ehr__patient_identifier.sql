{{ config(indexes=[{'columns': ['identifier_value']}]) }}

with source as (
    {{ latest_record('raw_ehr', 'Patient') }}
)

select distinct
    source.resource_id as patient_id_ehr,
    identifier.value ->> 'value' as identifier_value,
    coalesce(identifier.value ->> 'system', '') as assigner,
    coalesce(
        identifier.value -> 'type' -> 'coding' -> 0 ->> 'code', ''
    ) as identifier_type_code,
    coalesce(
        {{ reference_id("(identifier.value -> 'assigner')") }},
        {{ reference_id("(source.body -> 'managingOrganization')") }}
    ) as organization_id_ehr
from source
cross join lateral {{ elements("source.body -> 'identifier'") }} as identifier
where identifier.value ->> 'value' <> ''
