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
    on_account.visit_id,
    case
        when on_account.facility_code <> 'unmapped'
            then on_account.facility_code || '|' || on_account.surviving_account_number
    end as account_id,
    on_account.facility_code,
    {{ crosswalked(
        'department', 'ehr', 'on_account.department_code_ehr',
        'on_account.located_on', 'on_account.facility_code'
    ) }} as department_code,
    {{ number_text('on_account.visit_number') }} as visit_number,
    on_account.surviving_account_number as account_number,
    on_account.encounter_class_code,
    on_account.encounter_status,
    on_account.discharge_disposition_code,
    on_account.start_at,
    on_account.inpatient_from_at,
    on_account.end_at,
    on_account.received_at
from on_account
