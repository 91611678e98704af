{{ config(materialized='kept', replaces='true') }}

-- Nothing here names a patient; people over 89 are pooled into one birth year.
select
    keyed.patient_key,
    coalesce(patient.administrative_gender, 'unknown') as administrative_gender,
    greatest(
        extract(year from patient.birth_date),
        extract(year from current_date) - 90
    )::integer as birth_year
from {{ ref('stg_ehr__patient') }} as patient
inner join {{ ref('int_patient__keyed') }} as keyed
    on patient.patient_id_ehr = keyed.patient_id_ehr
