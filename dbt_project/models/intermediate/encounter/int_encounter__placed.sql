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
        place.told_start_date,
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
        null as told_start_date,
        place.facility_code_ehr,
        place.department_code_ehr
    from {{ ref('stg_ehr__visit_place') }} as place
    left join {{ ref('int_visit__matched') }} as shared
        on place.visit_id = shared.visit_id
),

placed as (
    select
        stay.*,
        told.start_at as told_move_at,
        told.told_start_date as told_move_date,
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
                    'facility', 'ehr', 'placed.facility_code_ehr',
                    facility_day('placed.told_move_at', 'placed.told_move_date'),
                    by_clocks=true
                ) | indent(16) }}
        end as unit_facility_code
    from placed
    where placed.source_rank = 1
),

moved as (
    select
        in_facility.*,
        {{ facility_moment(
            'in_facility.told_move_at', 'in_facility.told_move_date'
        ) | indent(8) }} as moved_at,
        {{ facility_day(
            'in_facility.told_move_at', 'in_facility.told_move_date'
        ) | indent(8) }} as moved_date
    from in_facility
    left join {{ ref('stg_reference__facility') }} as facility
        on in_facility.unit_facility_code = facility.facility_code
)

select
    moved.record_id,
    moved.encounter_id,
    row_number() over (
        partition by moved.encounter_id order by moved.moved_at, moved.place_number
    ) as place_number,
    moved.facility_code,
    moved.unit_facility_code,
    case
        when moved.moved_at is null then moved.department_code
        else
            {{ crosswalked(
                'department', 'ehr', 'moved.department_code_ehr', 'moved.moved_date',
                'moved.unit_facility_code'
            ) | indent(12) }}
    end as unit_code,
    moved.is_complete,
    moved.start_at,
    moved.end_at,
    moved.moved_at
from moved
