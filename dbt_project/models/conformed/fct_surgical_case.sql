with provider as (
    {{ providers_by_code() | indent }}
),

-- What was broken off used supplies as well.
performed as (
    select
        told.*,
        encounter.encounter_id,
        encounter.facility_code,
        encounter.department_code,
        encounter.service_line_code,
        coalesce(provider.provider_id, encounter.provider_id) as provider_id,
        {{ facility_moment(
            'told.performed_at', 'told.told_performed_date'
        ) | indent(8) }} as operated_at,
        coalesce(
            {{ facility_day(
                'told.performed_at', 'told.told_performed_date'
            ) | indent(12) }},
            encounter.start_date
        ) as case_date
    from {{ ref('stg_ehr__procedure') }} as told
    inner join {{ ref('fct_encounter') }} as encounter
        on told.encounter_id_ehr = encounter.encounter_id
    left join {{ ref('stg_reference__facility') }} as facility
        on encounter.facility_code = facility.facility_code
    left join provider on told.provider_id_ehr = provider.code
    where
        told.is_surgical
        and told.procedure_status in ('in-progress', 'stopped', 'completed')
),

-- A procedure that names no place took place where the others of its day did.
placed as (
    select
        performed.*,
        coalesce(
            performed.location_id_ehr,
            min(performed.location_id_ehr) over (
                partition by performed.encounter_id, performed.case_date
            )
        ) as place_id_ehr
    from performed
    where performed.case_date is not null
),

headed as (
    select distinct on (encounter_id, place_id_ehr, case_date) *
    from placed
    order by
        encounter_id asc,
        place_id_ehr asc,
        case_date asc,
        principal_procedure_id is not null asc,
        location_id_ehr is null asc,
        operated_at asc nulls last,
        procedure_id asc
)

select
    headed.encounter_id
    || '|' || coalesce(headed.place_id_ehr, '')
    || '|' || to_char(headed.case_date, 'YYYY-MM-DD') as surgical_case_id,
    headed.encounter_id,
    headed.procedure_id,
    headed.record_id,
    headed.facility_code,
    headed.department_code,
    headed.service_line_code,
    headed.place_id_ehr as location_id_ehr,
    location.room_code as operating_room_code,
    headed.provider_id,
    coalesce(headed.procedure_code, 'unmapped') as procedure_code,
    headed.case_date,
    {{ month_of('headed.case_date') }} as service_month
from headed
left join {{ ref('stg_ehr__location') }} as location
    on headed.place_id_ehr = location.location_id_ehr
