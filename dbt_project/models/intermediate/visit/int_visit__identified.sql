{{ config(indexes=[{'columns': ['visit_id'], 'unique': true}]) }}

-- A number means the same patient when the same authority gave it: by its full name,
-- or as the medical record number of the same facility. Two patients: neither.
with known as (
    select
        identifier.patient_id_ehr,
        identifier.identifier_value,
        identifier.assigner,
        identifier.identifier_type_code,
        {{ crosswalked(
            'facility', 'ehr', 'organization.facility_code_ehr', 'current_date'
        ) }} as facility_code
    from {{ ref('stg_ehr__patient_identifier') }} as identifier
    left join {{ ref('int_organization__rooted') }} as organization
        on identifier.organization_id_ehr = organization.organization_id_ehr
)

select
    visit.visit_id,
    min(known.patient_id_ehr) as patient_id_ehr
from {{ ref('int_visit__located') }} as visit
inner join {{ ref('stg_ehr__visit_identifier') }} as identifier
    on visit.visit_id = identifier.visit_id
inner join known
    on
        identifier.identifier_value = known.identifier_value
        and (
            identifier.assigner = known.assigner
            or (
                known.identifier_type_code = 'MR'
                and identifier.identifier_type_code in ('MR', '')
                and visit.facility_code = known.facility_code
                and visit.facility_code <> 'unmapped'
            )
        )
group by visit.visit_id
having count(distinct known.patient_id_ehr) = 1
