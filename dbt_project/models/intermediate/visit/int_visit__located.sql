{{ config(indexes=[{'columns': ['visit_id'], 'unique': true}]) }}

with visit as (
    select
        stg_visit.*,
        coalesce(
            (
                coalesce(stg_visit.start_at, stg_visit.end_at) at time zone 'UTC'
            )::date,
            current_date
        ) as located_on
    from {{ ref('stg_ehr__visit') }} as stg_visit
),

in_facility as (
    select
        visit.*,
        {{ crosswalked(
            'facility', 'ehr', 'visit.facility_code_ehr', 'visit.located_on'
        ) }} as facility_code
    from visit
)

select
    in_facility.record_id,
    in_facility.visit_id,
    case
        when in_facility.facility_code <> 'unmapped'
            then in_facility.facility_code || '|' || in_facility.account_number
    end as account_id,
    in_facility.facility_code,
    {{ crosswalked(
        'department', 'ehr', 'in_facility.department_code_ehr',
        'in_facility.located_on', 'in_facility.facility_code'
    ) }} as department_code,
    in_facility.visit_number,
    in_facility.account_number,
    in_facility.encounter_class_code,
    in_facility.encounter_status,
    in_facility.discharge_disposition_code,
    in_facility.start_at,
    in_facility.end_at,
    in_facility.received_at
from in_facility
