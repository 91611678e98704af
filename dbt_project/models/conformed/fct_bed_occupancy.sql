{{ config(materialized='kept', replaces=of_scope('raw_ehr')) }}

select
    bed.encounter_id,
    bed.period_number,
    bed.record_id,
    bed.facility_code,
    {{ joined_key('department', 'bed') }} as department_key,
    bed.department_code,
    bed.period_issue,
    -- Hours since the start, rounded where a unit is left: so they add up to the stay.
    case
        when bed.left_at >= bed.entered_at
            then
                round(extract(epoch from bed.left_at - bed.start_at) / 3600, 4)
                - round(extract(epoch from bed.entered_at - bed.start_at) / 3600, 4)
    end as bed_hours,
    bed.entered_at,
    bed.entered_date,
    bed.left_at,
    {{ month_of('bed.entered_date') }} as service_month
from {{ ref('int_encounter__housed') }} as bed
{{ join_version('department', 'bed.entered_date', 'bed') }}
