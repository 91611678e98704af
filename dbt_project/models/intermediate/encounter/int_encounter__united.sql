{{ config(indexes=[
    {'columns': ['encounter_id'], 'unique': true}, {'columns': ['account_id']},
    {'columns': ['facility_code', 'visit_number']},
]) }}

-- One encounter, whether FHIR, HL7 v2 or both tell of it. What FHIR knows stands, and
-- HL7 v2 fills what it leaves open. Two things HL7 v2 knows first: the end of a stay
-- that FHIR still holds open, and the patient who is left after a merge.
{%- set open_statuses = "'planned', 'arrived', 'triaged', 'in-progress', 'onleave'" %}

with told as (
    select
        fhir.encounter_id is not null as has_fhir,
        visit.visit_id is not null as has_hl7v2,
        coalesce(fhir.record_id, visit.record_id) as record_id,
        coalesce(fhir.encounter_id, visit.visit_id) as encounter_id,
        coalesce(fhir.account_id, visit.account_id) as account_id,
        coalesce(fhir.facility_code, visit.facility_code) as facility_code,
        coalesce(
            nullif(fhir.department_code, 'unmapped'), visit.department_code, 'unmapped'
        ) as department_code,
        coalesce(fhir.account_number, visit.account_number) as account_number,
        coalesce(visit.visit_number, fhir.visit_number) as visit_number,
        coalesce(known.patient_id_ehr, fhir.patient_id_ehr) as patient_id_ehr,
        fhir.provider_id_ehr,
        coalesce(
            nullif(fhir.encounter_class_code, 'unknown'),
            visit.encounter_class_code,
            'unknown'
        ) as encounter_class_code,
        case
            when fhir.encounter_id is null then visit.encounter_status
            when
                fhir.encounter_status = 'unknown'
                and visit.encounter_status <> 'provisional'
                then visit.encounter_status
            when
                fhir.encounter_status in ({{ open_statuses }})
                and fhir.end_at is null
                and visit.encounter_status in ('finished', 'cancelled')
                then visit.encounter_status
            else fhir.encounter_status
        end as encounter_status,
        coalesce(
            fhir.discharge_disposition_code, visit.discharge_disposition_code
        ) as discharge_disposition_code,
        coalesce(fhir.start_at, visit.start_at) as start_at,
        coalesce(fhir.inpatient_from_at, visit.inpatient_from_at) as inpatient_from_at,
        fhir.end_at as end_at_fhir,
        visit.end_at as end_at_hl7v2,
        coalesce(fhir.received_at, visit.received_at) as received_at
    from {{ ref('int_encounter__located') }} as fhir
    left join {{ ref('int_visit__matched') }} as shared
        on fhir.encounter_id = shared.encounter_id
    full outer join {{ ref('int_visit__located') }} as visit
        on shared.visit_id = visit.visit_id
    left join {{ ref('int_visit__identified') }} as known
        on visit.visit_id = known.visit_id
),

ended as (
    select
        told.*,
        coalesce(
            told.end_at_fhir,
            case
                when told.encounter_status not in ({{ open_statuses }})
                    then told.end_at_hl7v2
            end
        ) as end_at
    from told
),

dated as (
    select
        ended.*,
        {{ facility_day('ended.start_at') }} as start_date,
        {{ facility_day('ended.end_at') }} as end_date
    from ended
    left join {{ ref('stg_reference__facility') }} as facility
        on ended.facility_code = facility.facility_code
)

select
    record_id,
    encounter_id,
    account_id,
    has_fhir,
    has_hl7v2,
    facility_code,
    department_code,
    account_number,
    visit_number,
    patient_id_ehr,
    provider_id_ehr,
    encounter_class_code,
    encounter_status,
    discharge_disposition_code,
    encounter_class_code in ('IMP', 'ACUTE', 'NONAC') as is_inpatient,
    -- A visit of an unmapped facility may be one that FHIR tells of: it waits.
    encounter_status not in (
        {{ open_statuses }}, 'provisional', 'cancelled', 'entered-in-error'
    )
    and (has_fhir or facility_code <> 'unmapped') as is_complete,
    has_fhir or encounter_status not in ('provisional', 'cancelled')
        as may_hold_account,
    start_at,
    case
        when encounter_class_code in ('IMP', 'ACUTE', 'NONAC') then inpatient_from_at
    end as inpatient_from_at,
    end_at,
    start_date,
    end_date,
    {{ month_of(
        'coalesce(end_date, start_date, ' ~ system_day('received_at') ~ ')'
    ) }} as service_month
from dated
