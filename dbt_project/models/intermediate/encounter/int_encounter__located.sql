{{ config(indexes=[{'columns': ['encounter_id'], 'unique': true}]) }}
{%- set located_date -%}
coalesce(
    {{ facility_day('told.start_at', 'told.told_start_date') }},
    {{ facility_day('told.end_at', 'told.told_end_date') }},
    {{ system_day('told.received_at') }}
)
{%- endset %}

with encounter as (
    select
        stg_encounter.*,
        organization.facility_code_ehr,
        organization.department_code_ehr
    from {{ ref('stg_ehr__encounter') }} as stg_encounter
    left join {{ ref('int_organization__rooted') }} as organization
        on stg_encounter.organization_id_ehr = organization.organization_id_ehr
),

in_facility as (
    select
        told.*,
        {{ crosswalked(
            'facility', 'ehr', 'told.facility_code_ehr', located_date, by_clocks=true
        ) | indent(8) }} as facility_code
    from encounter as told
),

on_account as (
    select
        told.*,
        {{ facility_moment('told.start_at', 'told.told_start_date') | indent(8) }}
            as started_at,
        {{ facility_moment(
            'told.inpatient_from_at', 'told.told_inpatient_date'
        ) | indent(8) }} as inpatient_at,
        {{ facility_moment('told.end_at', 'told.told_end_date') | indent(8) }}
            as ended_at,
        {{ facility_day('told.start_at', 'told.told_start_date') }} as start_date,
        {{ facility_day('told.end_at', 'told.told_end_date') }} as end_date,
        {{ located_date | indent(8) }} as located_date,
        {{ surviving_account(
            'told.facility_code', 'told.account_number'
        ) | indent(8) }} as surviving_account_number
    from in_facility as told
    left join {{ ref('stg_reference__facility') }} as facility
        on told.facility_code = facility.facility_code
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
        'on_account.located_date', 'on_account.facility_code'
    ) }} as department_code,
    on_account.surviving_account_number as account_number,
    {{ number_text('on_account.visit_number') }} as visit_number,
    on_account.patient_id_ehr,
    on_account.provider_id_ehr,
    on_account.encounter_class_code,
    on_account.encounter_status,
    on_account.discharge_disposition_code,
    on_account.started_at as start_at,
    on_account.inpatient_at as inpatient_from_at,
    on_account.ended_at as end_at,
    on_account.start_date,
    on_account.end_date,
    on_account.located_date,
    on_account.received_at
from on_account
