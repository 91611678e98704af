-- The schedule as it was known when a week began: of the week, and of the days that the
-- stock of its beginning has to cover. The week to come is one of them.
with week as (
    select
        week_number,
        week_start_date,
        max(cover_days) as cover_days
    from {{ ref('weekly_demand') }}
    group by week_number, week_start_date
),

origin as (
    select
        week_number,
        week_start_date,
        cover_days
    from week
    union all
    select
        max(week_number) + 1 as week_number,
        max(week_start_date) + 7 as week_start_date,
        max(cover_days) as cover_days
    from week
    having count(*) > 0
)

select
    origin.week_number,
    planned.scheduled_case_id,
    planned.facility_code,
    planned.stock_location_code,
    planned.procedure_code,
    planned.provider_id,
    origin.week_start_date,
    planned.case_date,
    planned.case_date < origin.week_start_date + 7 as is_in_week
from origin
inner join {{ ref('fct_scheduled_case') }} as planned
    on
        planned.procedure_code <> 'unmapped'
        and {{ on_schedule('planned', 'origin.week_start_date') | indent(8) }}
        and planned.case_date >= origin.week_start_date
        and planned.case_date
        < origin.week_start_date + greatest(7, ceil(origin.cover_days)::integer)
