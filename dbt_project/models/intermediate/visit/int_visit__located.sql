{{ config(indexes=[{'columns': ['visit_id'], 'unique': true}]) }}
{%- set located_date -%}
coalesce({{ facility_day('coalesce(told.start_at, told.end_at)') }}, current_date)
{%- endset %}

with in_facility as (
    select
        told.*,
        {{ crosswalked(
            'facility', 'ehr', 'told.facility_code_ehr', located_date, by_clocks=true
        ) | indent(8) }} as facility_code
    from {{ ref('stg_ehr__visit') }} as told
),

on_account as (
    select
        told.*,
        {{ located_date }} as located_date,
        {{ surviving_account(
            'told.facility_code', 'told.account_number'
        ) | indent(8) }} as surviving_account_number
    from in_facility as told
    left join {{ ref('stg_reference__facility') }} as facility
        on told.facility_code = facility.facility_code
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
        'on_account.located_date', 'on_account.facility_code'
    ) }} as department_code,
    {{ number_text('on_account.visit_number') }} as visit_number,
    on_account.surviving_account_number as account_number,
    on_account.encounter_class_code,
    on_account.encounter_status,
    on_account.discharge_disposition_code,
    on_account.start_at,
    on_account.inpatient_from_at,
    on_account.end_at,
    on_account.located_date,
    on_account.received_at
from on_account
