{{ config(indexes=[{'columns': ['encounter_id']}]) }}

-- A patient is in a unit until the next is told of, in the first from the start and in
-- the last to the end. Of places told of for one moment the last one counts.
with entered as (
    select distinct on (placed.encounter_id, entered_at)
        placed.*,
        case
            when placed.place_number = 1 then placed.start_at
            else greatest(placed.moved_at, placed.start_at)
        end as entered_at
    from {{ ref('int_encounter__placed') }} as placed
    where
        placed.place_number = 1
        or (
            placed.start_at is not null
            and placed.moved_at < coalesce(placed.end_at, 'infinity'::timestamptz)
        )
    order by placed.encounter_id asc, entered_at asc, placed.place_number desc
),

compared as (
    select
        entered.*,
        lag(entered.unit_facility_code || '|' || entered.unit_code) over (
            partition by entered.encounter_id order by entered.entered_at
        ) as unit_before
    from entered
)

select
    bed.record_id,
    bed.encounter_id,
    row_number() over of_stay as period_number,
    bed.unit_facility_code as facility_code,
    bed.unit_code as department_code,
    case
        when bed.start_at is null then 'no_start'
        when bed.end_at < bed.start_at then 'ends_before_start'
        when bed.end_at is null and bed.is_complete then 'no_end'
        when bed.unit_facility_code <> bed.facility_code then 'other_facility'
        else ''
    end as period_issue,
    bed.start_at,
    bed.entered_at,
    {{ facility_day('bed.entered_at') }} as entered_date,
    coalesce(lead(bed.entered_at) over of_stay, bed.end_at) as left_at
from compared as bed
left join {{ ref('stg_reference__facility') }} as facility
    on bed.unit_facility_code = facility.facility_code
where bed.unit_facility_code || '|' || bed.unit_code is distinct from bed.unit_before
window of_stay as (partition by bed.encounter_id order by bed.entered_at)
