with source as (
    {{ latest_record('raw_ehr', 'Patient') }}
)

select
    record_id,
    resource_id as patient_id_ehr,
    body ->> 'gender' as administrative_gender,
    {{ as_date("(body ->> 'birthDate' || '-01-01')") }} as birth_date
from source
