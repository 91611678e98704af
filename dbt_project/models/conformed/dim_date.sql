with bound as (
    select
        least(min(first_date), current_date) as first_date,
        greatest(max(last_date), current_date) as last_date
    from (
        select
            min(start_date) as first_date,
            max(coalesce(end_date, start_date)) as last_date
        from {{ ref('fct_encounter') }}
        union all
        select
            min(service_date) as first_date,
            max(service_date) as last_date
        from {{ ref('fct_charge') }}
        union all
        select
            min(posting_date) as first_date,
            max(posting_date) as last_date
        from {{ ref('int_gl_entry__classified') }}
    ) as seen
),

day as (
    select series.midnight::date as calendar_date
    from bound
    cross join lateral generate_series(
        date_trunc('year', bound.first_date),
        date_trunc('year', bound.last_date) + interval '1 year' - interval '1 day',
        interval '1 day'
    ) as series (midnight)
)

select
    calendar_date,
    extract(year from calendar_date)::integer as calendar_year,
    extract(quarter from calendar_date)::integer as calendar_quarter,
    extract(month from calendar_date)::integer as calendar_month,
    {{ month_of('calendar_date') }} as month_start_date,
    {{ posting_date('calendar_date') }} as posting_date,
    extract(isodow from calendar_date)::integer as iso_weekday,
    extract(isodow from calendar_date) > 5 as is_weekend
from day
