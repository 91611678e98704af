{%- set changed = of_touched_days([
    'int_cost_model__pooled', 'int_cost_model__based',
]) -%}
{{ config(materialized='kept', replaces=changed) }}
{{ divided_pools(
    within(ref('int_cost_model__pooled'), changed, 'pool'),
    within(ref('int_cost_model__based'), changed),
    ['cost_model_code', 'model_step'],
) }}
