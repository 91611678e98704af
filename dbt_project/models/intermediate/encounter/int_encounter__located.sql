{{ config(indexes=[{'columns': ['encounter_id'], 'unique': true}]) }}

with encounter as (
    select
        stg_encounter.*,
        (
            coalesce(
                stg_encounter.start_at, stg_encounter.end_at, stg_encounter.received_at
            ) at time zone 'UTC'
        )::date as located_on,
        organization.facility_code_ehr,
        organization.department_code_ehr
    from {{ ref('stg_ehr__encounter') }} as stg_encounter
    left join {{ ref('int_organization__rooted') }} as organization
        on stg_encounter.organization_id_ehr = organization.organization_id_ehr
),

in_facility as (
    select
        encounter.*,
        {{ crosswalked(
            'facility', 'ehr', 'encounter.facility_code_ehr', 'encounter.located_on'
        ) }} as facility_code
    from encounter
)

select
    in_facility.record_id,
    in_facility.encounter_id,
    case
        when in_facility.facility_code <> 'unmapped'
            then in_facility.facility_code || '|' || in_facility.account_number
    end as account_id,
    in_facility.facility_code,
    {{ crosswalked(
        'department', 'ehr', 'in_facility.department_code_ehr',
        'in_facility.located_on', 'in_facility.facility_code'
    ) }} as department_code,
    in_facility.account_number,
    in_facility.visit_number,
    in_facility.patient_id_ehr,
    in_facility.provider_id_ehr,
    in_facility.encounter_class_code,
    in_facility.encounter_status,
    in_facility.discharge_disposition_code,
    in_facility.start_at,
    in_facility.end_at,
    in_facility.received_at
from in_facility
