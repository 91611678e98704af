{#- The day of a moment by the clocks of its facility, joined as `facility`. -#}
{% macro facility_day(moment) -%}
({{ moment }} at time zone coalesce(facility.time_zone, 'UTC'))::date
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
