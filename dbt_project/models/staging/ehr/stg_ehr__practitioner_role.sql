with source as (
    {{ latest_record('raw_ehr', 'PractitionerRole') }}
)

select
    record_id,
    resource_id as practitioner_role_id,
    {{ reference_id("(body -> 'practitioner')") }} as provider_id,
    {{ reference_id("(body -> 'organization')") }} as organization_id_ehr,
    coalesce(
        body -> 'specialty' -> 0 ->> 'text',
        body -> 'specialty' -> 0 -> 'coding' -> 0 ->> 'display'
    ) as specialty_name
from source
