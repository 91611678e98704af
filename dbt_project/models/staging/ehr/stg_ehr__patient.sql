with source as (
    {{ latest_record('raw_ehr', 'Patient') }}
)

select
    source.record_id,
    source.resource_id as patient_id_ehr,
    fhir.gender as administrative_gender,
    {{ as_date("(fhir.\"birthDate\" || '-01-01')") }} as birth_date
from source
inner join lateral jsonb_to_record(source.body) as fhir (
    gender text,
    "birthDate" text
) on true
