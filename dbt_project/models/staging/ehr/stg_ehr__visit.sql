{{ config(indexes=[
    {'columns': ['facility_code_ehr', 'visit_number'], 'unique': true}
]) }}

select
    last_record_id as record_id,
    'hl7v2|' || sending_facility || '|' || visit_number as visit_id,
    sending_facility as facility_code_ehr,
    visit_number,
    nullif(account_number, '') as account_number,
    nullif(department_native_code, '') as department_code_ehr,
    case patient_class
        when 'I' then 'IMP'
        when 'B' then 'IMP'
        when 'O' then 'AMB'
        when 'R' then 'AMB'
        when 'E' then 'EMER'
        when 'P' then 'PRENC'
        else 'unknown'
    end as encounter_class_code,
    replace(status, '_', '-') as encounter_status,
    nullif(discharge_disposition, '') as discharge_disposition_code,
    admitted_at as start_at,
    inpatient_at as inpatient_from_at,
    discharged_at as end_at,
    folded_at as received_at
from {{ within(
    source('raw_ehr', 'folded_visit'), of_scope('raw_ehr', 'last_record_id')
) }}
