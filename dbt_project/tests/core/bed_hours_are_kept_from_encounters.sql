-- Bed-hours of an encounter are the hours between its start and end, and its periods
-- follow each other without a gap or an overlap.
with period as (
    select
        encounter_id,
        bed_hours,
        left_at,
        lead(entered_at) over (
            partition by encounter_id order by period_number
        ) as next_entered_at
    from {{ ref('fct_bed_occupancy') }}
),

summed as (
    select
        encounter_id,
        sum(bed_hours) as bed_hours,
        count(*) filter (where next_entered_at <> left_at) as torn_count
    from period
    group by encounter_id
)

select
    encounter.encounter_id,
    summed.bed_hours,
    summed.torn_count
from {{ ref('fct_encounter') }} as encounter
left join summed on encounter.encounter_id = summed.encounter_id
where
    summed.torn_count > 0
    or (
        encounter.is_complete
        and encounter.encounter_class_code in ('IMP', 'ACUTE', 'NONAC', 'OBSENC')
        and encounter.end_at >= encounter.start_at
        and summed.bed_hours is distinct from round(
            extract(epoch from encounter.end_at - encounter.start_at) / 3600, 4
        )
    )
