{#- The figures of several metrics, one row each, from a relation with facility_code.

    month: column with the month that the metrics are of
    measures: numerator and denominator by metric
    sent_on: column with the day whose age decides whether a row counts -#}
{% macro metric_rows(relation, month, measures, sent_on='null::date') -%}
{%- set codes = measures.keys() -%}
select
    {{ month }} as kpi_month,
    facility_code,
    {{ sent_on }} as first_submitted_date,
    unnest(array['{{ codes | join("', '") }}']) as metric_code,
    {%- for part in ['numerator', 'denominator'] %}
    {%- set position = loop.index0 %}
    unnest(array[
        {%- for code in codes %}
        {{ measures[code][position] }}{{ '' if loop.last else ',' }}
        {%- endfor %}
    ]::numeric[]) as {{ part }}{{ '' if loop.last else ',' }}
    {%- endfor %}
from {{ relation }}
{%- endmacro %}
