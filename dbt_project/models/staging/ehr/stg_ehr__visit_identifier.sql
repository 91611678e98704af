{{ config(indexes=[{'columns': ['identifier_value']}]) }}

-- The identifiers of the patient who is left after all merges.
select distinct
    'hl7v2|' || visit.sending_facility || '|' || visit.visit_number as visit_id,
    identifier.value ->> 'value' as identifier_value,
    coalesce(identifier.value ->> 'authority', '') as assigner,
    coalesce(identifier.value ->> 'type', '') as identifier_type_code
from {{ within(
    source('raw_ehr', 'folded_visit'), of_scope('raw_ehr', 'last_record_id'), 'visit'
) }}
cross join lateral {{ elements('visit.patient_identifiers') }} as identifier
where identifier.value ->> 'value' <> ''
