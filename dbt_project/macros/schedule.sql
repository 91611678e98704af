{#- Whether a row of `fct_scheduled_case` is on the schedule as known before a day. -#}
{% macro on_schedule(row, day) -%}
{{ row }}.known_from < {{ day }}
and coalesce({{ row }}.known_to, 'infinity'::date) >= {{ day }}
and (
    {{ row }}.case_status in ('booked', 'fulfilled')
    or {{ row }}.called_off_date >= {{ day }}
)
{%- endmacro %}

{#- What a few cases used leans on what more of them did, as if four of those had been
    seen as well. -#}
{% macro leaning(used, cases, other_rate) -%}
({{ used }} + 4 * {{ other_rate }}) / ({{ cases }} + 4)
{%- endmacro %}
