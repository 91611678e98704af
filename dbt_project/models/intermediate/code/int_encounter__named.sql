{{ config(indexes=[{'columns': ['encounter_id'], 'unique': true}]) }}

-- The department code that decides for an encounter: that of FHIR, unless only that of
-- HL7 v2 is mapped, as in int_encounter__united.
with told as (
    select
        united.encounter_id,
        organization.department_code_ehr as fhir_code,
        unit.organization_name as department_name,
        visited.department_code_ehr as hl7v2_code,
        coalesce(located.located_date, current_date) as fhir_date,
        coalesce(visit.located_date, current_date) as hl7v2_date,
        organization.department_code_ehr is not null
        and (
            located.department_code <> 'unmapped'
            or coalesce(visit.department_code, 'unmapped') = 'unmapped'
        ) as is_fhir
    from {{ ref('int_encounter__united') }} as united
    left join {{ ref('stg_ehr__encounter') }} as fhir
        on united.encounter_id = fhir.encounter_id
    left join {{ ref('int_encounter__located') }} as located
        on fhir.encounter_id = located.encounter_id
    left join {{ ref('int_organization__rooted') }} as organization
        on fhir.organization_id_ehr = organization.organization_id_ehr
    left join {{ ref('stg_ehr__organization') }} as unit
        on
            fhir.organization_id_ehr = unit.organization_id_ehr
            and organization.department_code_ehr = unit.department_code_ehr
    left join {{ ref('int_visit__matched') }} as shared
        on united.encounter_id = shared.encounter_id
    left join {{ ref('stg_ehr__visit') }} as visited
        on coalesce(shared.visit_id, united.encounter_id) = visited.visit_id
    left join {{ ref('int_visit__located') }} as visit
        on visited.visit_id = visit.visit_id
)

select
    encounter_id,
    case when is_fhir then fhir_code else hl7v2_code end as department_code_ehr,
    case when is_fhir then department_name end as department_name,
    case when is_fhir then fhir_date else hl7v2_date end as usage_date
from told
