{{ config(severity='warn') }}

-- A stay that counts with another one of the same day, and has a DRG of its own: one
-- discharge too many was billed, or the bill lacks condition code B4.
select
    encounter.encounter_id,
    encounter.facility_code,
    encounter.counted_encounter_id
from {{ ref('fct_encounter') }} as encounter
where
    encounter.is_inpatient
    and encounter.counted_encounter_id <> encounter.encounter_id
    and encounter.ms_drg <> 'unmapped'
