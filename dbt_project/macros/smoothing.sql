{#- Exponential smoothing: what was thought before moves towards what was seen by a
    weight; before anything was seen it is what is seen first. -#}
{% macro smoothed(before, seen, weight) -%}
round({{ 1 - weight }} * coalesce({{ before }}, {{ seen }}) + {{ weight }} * {{ seen }}, 12)
{%- endmacro %}
