{#- Whether two units are the same, or both say that single pieces are counted; without
    a unit it is that of the other. -#}
{% macro is_same_unit(unit, other_unit) -%}
{%- set pieces = "('1', 'u', 'unit', 'units', 'ea', 'each', 'piece', 'pieces')" -%}
(
    {{ unit }} = {{ other_unit }}
    or nullif({{ unit }}, '') is null
    or {{ other_unit }} is null
    or (
        lower(btrim({{ unit }}, '{}[] ')) in {{ pieces }}
        and lower(btrim({{ other_unit }}, '{}[] ')) in {{ pieces }}
    )
)
{%- endmacro %}
