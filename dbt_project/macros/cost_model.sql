{#- The states of a version of the cost model, from what counts to all that it says. -#}
{% macro model_steps() -%}
{{ return([
    'chosen', 'allocation_method', 'allocation_order', 'allocation_basis',
    'charge_costing', 'variable_rate',
]) }}
{%- endmacro %}

{#- How a version allocates overhead: by its order of the overhead centers alone, or by
    its bases as well. The plan that counts has no name. -#}
{% macro allocation_plan(version, difference) -%}
{{ version }}.cost_model_code || '|{{ difference }}'
{%- endmacro %}
