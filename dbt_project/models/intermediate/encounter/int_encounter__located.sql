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
),

on_account as (
    select
        in_facility.*,
        {{ surviving_account(
            'in_facility.facility_code', 'in_facility.account_number'
        ) | indent(8) }} as surviving_account_number
    from in_facility
)

select
    on_account.record_id,
    on_account.encounter_id,
    case
        when on_account.facility_code <> 'unmapped'
            then on_account.facility_code || '|' || on_account.surviving_account_number
    end as account_id,
    on_account.facility_code,
    {{ crosswalked(
        'department', 'ehr', 'on_account.department_code_ehr',
        'on_account.located_on', 'on_account.facility_code'
    ) }} as department_code,
    on_account.surviving_account_number as account_number,
    {{ number_text('on_account.visit_number') }} as visit_number,
    on_account.patient_id_ehr,
    on_account.provider_id_ehr,
    on_account.encounter_class_code,
    on_account.encounter_status,
    on_account.discharge_disposition_code,
    on_account.start_at,
    on_account.inpatient_from_at,
    on_account.end_at,
    {{ facility_day('on_account.start_at') }} as start_date,
    {{ facility_day('on_account.end_at') }} as end_date,
    on_account.received_at
from on_account
left join {{ ref('stg_reference__facility') }} as facility
    on on_account.facility_code = facility.facility_code
