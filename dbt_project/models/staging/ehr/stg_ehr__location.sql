with source as (
    {{ latest_record('raw_ehr', 'Location') }}
)

select
    record_id,
    resource_id as location_id_ehr,
    {{ reference_id("(body -> 'managingOrganization')") }} as organization_id_ehr,
    body ->> 'name' as location_name,
    case
        when body -> 'physicalType' -> 'coding' @> '[{"code": "ro"}]'
            then coalesce(body -> 'identifier' -> 0 ->> 'value', resource_id)
    end as room_code
from source
