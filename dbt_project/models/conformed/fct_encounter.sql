{{ config(materialized='kept', replaces=of_scope('raw_ehr')) }}

with provider as (
    select
        provider_id,
        npi_code
    from {{ ref('stg_ehr__practitioner') }}
),

attending as (
    select distinct on (encounter.encounter_id)
        encounter.encounter_id,
        provider.provider_id
    from {{ ref('int_encounter__classified') }} as encounter
    inner join provider
        on
            encounter.provider_id_ehr = provider.provider_id
            or encounter.provider_id_ehr = provider.npi_code
    order by encounter.encounter_id, provider.provider_id
)

select
    encounter.encounter_id,
    keyed.patient_key,
    attending.provider_id,
    encounter.record_id,
    encounter.facility_code,
    encounter.department_code,
    encounter.service_line_code,
    encounter.payer_code,
    encounter.payer_class,
    encounter.ms_drg,
    encounter.encounter_class_code,
    encounter.encounter_status,
    encounter.discharge_disposition_code,
    encounter.has_fhir,
    encounter.has_hl7v2,
    encounter.is_inpatient,
    encounter.is_complete,
    encounter.is_complete
    and encounter.is_inpatient
    and encounter.encounter_status = 'finished' as is_discharge,
    encounter.drg_weight,
    (encounter.end_at at time zone 'UTC')::date
    - (encounter.start_at at time zone 'UTC')::date as length_of_stay_days_count,
    encounter.service_month,
    encounter.start_at,
    encounter.end_at
from {{ ref('int_encounter__classified') }} as encounter
left join {{ ref('int_patient__keyed') }} as keyed
    on encounter.patient_id_ehr = keyed.patient_id_ehr
left join attending on encounter.encounter_id = attending.encounter_id
