{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='fail',
        indexes=[{'columns': ['patient_id_ehr'], 'unique': true}],
    )
}}

-- The key is random, so that it says nothing about the patient, and it is drawn once:
-- rows are only ever added here, and a full refresh leaves them alone.
select
    patient.patient_id_ehr,
    gen_random_uuid() as patient_key
from {{ ref('stg_ehr__patient') }} as patient
{% if is_incremental() %}
where
    not exists (
        select 1
        from {{ this }} as keyed
        where keyed.patient_id_ehr = patient.patient_id_ehr
    )
{% endif %}
