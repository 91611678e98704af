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
    record_id,
    encounter_id,
    row_number() over of_stay as period_number,
    unit_facility_code as facility_code,
    unit_code as department_code,
    case
        when start_at is null then 'no_start'
        when end_at < start_at then 'ends_before_start'
        when end_at is null and is_complete then 'no_end'
        when unit_facility_code <> facility_code then 'other_facility'
        else ''
    end as period_issue,
    start_at,
    entered_at,
    coalesce(lead(entered_at) over of_stay, end_at) as left_at
from compared
where unit_facility_code || '|' || unit_code is distinct from unit_before
window of_stay as (partition by encounter_id order by entered_at)
