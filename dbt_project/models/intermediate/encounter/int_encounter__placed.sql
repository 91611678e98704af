{{ config(indexes=[{'columns': ['encounter_id']}]) }}

-- Places that FHIR gives times for stand; without any those of HL7 v2, else the
-- department of the encounter.
with stay as (
    select
        encounter_id,
        record_id,
        facility_code,
        department_code,
        is_complete,
        start_at,
        end_at
    from {{ ref('int_encounter__classified') }}
    where
        encounter_class_code in ('IMP', 'ACUTE', 'NONAC', 'OBSENC')
        and encounter_status not in (
            'planned', 'provisional', 'cancelled', 'entered-in-error'
        )
),

told as (
    select
        place.encounter_id,
        true as is_fhir,
        place.place_number,
        place.start_at,
        organization.facility_code_ehr,
        organization.department_code_ehr
    from {{ ref('stg_ehr__encounter_place') }} as place
    left join {{ ref('stg_ehr__location') }} as location
        on place.location_id_ehr = location.location_id_ehr
    left join {{ ref('int_organization__rooted') }} as organization
        on location.organization_id_ehr = organization.organization_id_ehr
    where place.start_at is not null
    union all
    select
        coalesce(shared.encounter_id, place.visit_id) as encounter_id,
        false as is_fhir,
        place.place_number,
        place.start_at,
        place.facility_code_ehr,
        place.department_code_ehr
    from {{ ref('stg_ehr__visit_place') }} as place
    left join {{ ref('int_visit__matched') }} as shared
        on place.visit_id = shared.visit_id
),

placed as (
    select
        stay.*,
        told.start_at as moved_at,
        (told.start_at at time zone 'UTC')::date as moved_on,
        told.place_number,
        told.facility_code_ehr,
        told.department_code_ehr,
        rank() over (partition by stay.encounter_id order by told.is_fhir desc)
            as source_rank
    from stay
    left join told on stay.encounter_id = told.encounter_id
),

in_facility as (
    select
        placed.*,
        case
            when placed.facility_code_ehr is null then placed.facility_code
            else
                {{ crosswalked(
                    'facility', 'ehr', 'placed.facility_code_ehr', 'placed.moved_on'
                ) | indent(16) }}
        end as unit_facility_code
    from placed
    where placed.source_rank = 1
)

select
    in_facility.record_id,
    in_facility.encounter_id,
    row_number() over (
        partition by in_facility.encounter_id
        order by in_facility.moved_at, in_facility.place_number
    ) as place_number,
    in_facility.facility_code,
    in_facility.unit_facility_code,
    case
        when in_facility.moved_at is null then in_facility.department_code
        else
            {{ crosswalked(
                'department', 'ehr', 'in_facility.department_code_ehr',
                'in_facility.moved_on', 'in_facility.unit_facility_code'
            ) | indent(12) }}
    end as unit_code,
    in_facility.is_complete,
    in_facility.start_at,
    in_facility.end_at,
    in_facility.moved_at
from in_facility
