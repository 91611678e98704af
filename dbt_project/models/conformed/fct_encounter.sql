{{ config(materialized='kept', replaces=of_scope('raw_ehr')) }}
{%- set first_day = 'coalesce(encounter.start_date, encounter.end_date)' %}

with provider as (
    select
        provider_id,
        npi_code
    from {{ ref('stg_ehr__practitioner') }}
    where valid_to is null
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
    grouped.counted_encounter_id,
    keyed.patient_key,
    provider_version.provider_key,
    attending.provider_id,
    encounter.record_id,
    encounter.facility_code,
    {{ joined_key('department', 'encounter') }} as department_key,
    encounter.department_code,
    encounter.service_line_code,
    encounter.payer_key,
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
    grouped.is_counted,
    grouped.is_counted
    and encounter.is_inpatient
    and encounter.encounter_status = 'finished' as is_discharge,
    encounter.drg_weight,
    case
        when
            grouped.is_counted
            and encounter.is_inpatient
            and grouped.stay_end_at >= grouped.stay_start_at
            then
                {{ facility_day('grouped.stay_end_at') }}
                - {{ facility_day('grouped.stay_start_at') }}
    end as length_of_stay_days_count,
    encounter.service_month,
    encounter.start_at,
    encounter.end_at,
    encounter.start_date,
    encounter.end_date
from {{ ref('int_encounter__classified') }} as encounter
left join {{ ref('int_patient__keyed') }} as keyed
    on encounter.patient_id_ehr = keyed.patient_id_ehr
inner join {{ ref('int_encounter__grouped') }} as grouped
    on encounter.encounter_id = grouped.encounter_id
left join {{ ref('stg_reference__facility') }} as facility
    on encounter.facility_code = facility.facility_code
left join attending on encounter.encounter_id = attending.encounter_id
{{ join_version('department', first_day, 'encounter') }}
left join {{ ref('dim_provider') }} as provider_version
    on
        attending.provider_id = provider_version.provider_id
        and {{ holds_on('provider_version', first_day) | indent(8) }}
