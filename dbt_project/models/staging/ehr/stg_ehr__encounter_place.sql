with source as (
    {{ latest_record('raw_ehr', 'Encounter') }}
)

select
    source.record_id,
    source.resource_id || '|' || place.ordinality as encounter_place_id,
    source.resource_id as encounter_id,
    {{ reference_id("(place.value -> 'location')") }} as location_id_ehr,
    place.ordinality as place_number,
    {{ as_timestamp("(place.value -> 'period' ->> 'start')") }} as start_at,
    {{ as_told_date("(place.value -> 'period' ->> 'start')") }} as told_start_date
from source
cross join lateral {{ numbered_elements("source.body -> 'location'") }} as place
