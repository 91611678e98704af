{#- What happens in a facility, joined as `facility`, happens on the day that its clocks
    show; what only a day is told of, on that day, which begins by the same clocks. -#}
{% macro facility_day(moment, told_date=none) -%}
{%- set day = "(" ~ moment ~ " at time zone coalesce(facility.time_zone, 'UTC'))::date" -%}
{{ "coalesce(" ~ told_date ~ ", " ~ day ~ ")" if told_date else day }}
{%- endmacro %}

{% macro facility_moment(moment, told_date) -%}
coalesce(
    {{ told_date }}::timestamp at time zone coalesce(facility.time_zone, 'UTC'),
    {{ moment }}
)
{%- endmacro %}

{#- What this system was told, or learnt, it did on a day of its own clock, which is UTC
    wherever it stands. -#}
{% macro system_day(moment) -%}
({{ moment }} at time zone 'UTC')::date
{%- endmacro %}

{#- The first day of a date's month. -#}
{% macro month_of(date) -%}
date_trunc('month', {{ date }})::date
{%- endmacro %}

{#- The last day of a date's month. -#}
{% macro month_end(date) -%}
((date_trunc('month', {{ date }}) + interval '1 month')::date - 1)
{%- endmacro %}

{#- The day an event is posted on: the Sunday of its ISO week, but never past the last
    day of its month. -#}
{% macro posting_date(date) -%}
least(
    date_trunc('week', {{ date }})::date + 6,
    {{ month_end(date) }}
)
{%- endmacro %}
