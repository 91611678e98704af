-- The codes by which encounters and visits name facility and department.
with told as (
    select
        located.record_id,
        organization.facility_code_ehr,
        organization.department_code_ehr,
        unit.organization_name as department_name,
        located.facility_code,
        located.department_code,
        located.located_date
    from {{ ref('int_encounter__located') }} as located
    inner join {{ ref('stg_ehr__encounter') }} as fhir
        on located.encounter_id = fhir.encounter_id
    left join {{ ref('int_organization__rooted') }} as organization
        on fhir.organization_id_ehr = organization.organization_id_ehr
    left join {{ ref('stg_ehr__organization') }} as unit
        on
            fhir.organization_id_ehr = unit.organization_id_ehr
            and organization.department_code_ehr = unit.department_code_ehr
    union all
    select
        located.record_id,
        visit.facility_code_ehr,
        visit.department_code_ehr,
        null as department_name,
        located.facility_code,
        located.department_code,
        located.located_date
    from {{ ref('int_visit__located') }} as located
    inner join {{ ref('stg_ehr__visit') }} as visit
        on located.visit_id = visit.visit_id
),

named as (
    select
        record_id,
        'facility' as code_set,
        '*' as facility_code,
        facility_code_ehr as native_code,
        null as native_name,
        facility_code as canonical_code,
        located_date
    from told
    union all
    select
        record_id,
        'department' as code_set,
        facility_code,
        department_code_ehr as native_code,
        department_name as native_name,
        department_code as canonical_code,
        located_date
    from told
),

visited as (
    select
        named.*,
        'ehr' as source_system,
        'encounter' as record_kind,
        named.located_date as usage_date,
        0.00 as usage_amount
    from named
)

{{ code_usage('visited') }}
