select
    visit.last_record_id as record_id,
    'hl7v2|' || visit.sending_facility || '|' || visit.visit_number as visit_id,
    visit.sending_facility as facility_code_ehr,
    place.value ->> 'unit' as department_code_ehr,
    place.ordinality as place_number,
    {{ as_timestamp("(place.value ->> 'at')") }} as start_at
from {{ within(
    source('raw_ehr', 'folded_visit'), of_scope('raw_ehr', 'last_record_id'), 'visit'
) }}
cross join lateral {{ numbered_elements('visit.places') }} as place
