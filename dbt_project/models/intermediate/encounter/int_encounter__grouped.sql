{{ config(indexes=[{'columns': ['encounter_id'], 'unique': true}]) }}
{%- set counted = (
    'coalesce(united.counted_encounter_id, observation.counted_encounter_id,'
    ~ ' encounter.encounter_id)'
) %}

-- Observation counts with the stay that its account came to. A stay that begins in the
-- facility and on the day of the patient's discharge continues the one before, unless
-- its bill says that it is unrelated. Of these one with a DRG counts, else the last.
with recursive stay as (
    select
        encounter.encounter_id,
        encounter.account_id,
        encounter.facility_code,
        known.patient_id_ehr,
        encounter.is_unrelated_stay,
        encounter.is_inpatient,
        coalesce(encounter.ms_drg, 'unmapped') <> 'unmapped' as has_drg,
        coalesce(encounter.inpatient_from_at, encounter.start_at) as inpatient_from_at,
        encounter.start_at,
        encounter.end_at,
        known.start_at as known_start_at,
        known.end_at as known_end_at,
        known.start_date,
        known.end_date
    from {{ ref('int_encounter__classified') }} as encounter
    -- Stays of one day are built together by what FHIR says of them, not HL7 v2.
    left join {{ ref('int_encounter__located') }} as known
        on
            encounter.encounter_id = known.encounter_id
            and known.encounter_class_code in ('IMP', 'ACUTE', 'NONAC')
    where
        encounter.is_complete
        and encounter.encounter_class_code in ('IMP', 'ACUTE', 'NONAC')
),

readmission as (
    select distinct on (later.encounter_id)
        later.encounter_id,
        later.known_start_at,
        earlier.encounter_id as encounter_id_before
    from stay as later
    inner join stay as earlier
        on
            later.facility_code = earlier.facility_code
            and later.patient_id_ehr = earlier.patient_id_ehr
            and later.known_start_at >= earlier.known_end_at
            and later.known_start_at > earlier.known_start_at
            and later.start_date = earlier.end_date
    where
        later.facility_code <> 'unmapped'
        and later.is_inpatient
        and earlier.is_inpatient
        and later.is_unrelated_stay is not true
    order by
        later.encounter_id asc, earlier.known_end_at desc, earlier.encounter_id asc
),

continued as (
    select distinct on (encounter_id_before)
        encounter_id_before as encounter_id,
        encounter_id as next_encounter_id
    from readmission
    order by encounter_id_before, known_start_at, encounter_id
),

walked as (
    select
        encounter_id,
        encounter_id as last_encounter_id
    from stay
    where encounter_id not in (select continued.encounter_id from continued)
    union all
    select
        continued.encounter_id,
        walked.last_encounter_id
    from walked
    inner join continued on walked.encounter_id = continued.next_encounter_id
),

united as (
    select
        walked.encounter_id,
        stay.account_id,
        stay.start_at,
        first_value(walked.encounter_id) over (
            partition by walked.last_encounter_id
            order by
                stay.has_drg desc, stay.end_at desc nulls first, stay.encounter_id asc
        ) as counted_encounter_id,
        min(stay.inpatient_from_at) over of_group as stay_start_at,
        max(stay.end_at) over of_group as stay_end_at
    from walked
    inner join stay on walked.encounter_id = stay.encounter_id
    window of_group as (partition by walked.last_encounter_id)
),

observation as (
    select distinct on (encounter.encounter_id)
        encounter.encounter_id,
        united.counted_encounter_id
    from {{ ref('int_encounter__classified') }} as encounter
    inner join united
        on
            encounter.account_id = united.account_id
            and encounter.start_at <= united.start_at
    where encounter.is_complete and encounter.encounter_class_code = 'OBSENC'
    order by encounter.encounter_id, united.start_at, united.encounter_id
)

select
    encounter.encounter_id,
    {{ counted }} as counted_encounter_id,
    encounter.is_complete
    and encounter.encounter_id = {{ counted }} as is_counted,
    united.stay_start_at,
    united.stay_end_at
from {{ ref('int_encounter__classified') }} as encounter
left join united on encounter.encounter_id = united.encounter_id
left join observation on encounter.encounter_id = observation.encounter_id
