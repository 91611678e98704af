{%- set changed = of_touched_days(['fct_cost_model_cost', 'fct_encounter_cost']) -%}
{{ config(materialized='kept', replaces=changed) }}
{%- set steps = ['counted'] + model_steps() -%}
{%- set measures = ['cost_amount', 'variable_cost'] -%}

-- From the cost that counts to that of another version of the cost model, step by step.
with model as (
    select distinct
        service_month,
        facility_code,
        cost_model_code
    from {{ within(ref('fct_cost_model_cost'), changed) }}
),

told as (
    select
        service_month,
        facility_code,
        cost_model_code,
        service_line_code,
        model_step,
        cost_amount,
        variable_cost
    from {{ within(ref('fct_cost_model_cost'), changed) }}
    union all
    select
        cost.service_month,
        cost.facility_code,
        model.cost_model_code,
        cost.service_line_code,
        'counted' as model_step,
        cost.cost_amount,
        cost.variable_cost
    from {{ within(ref('fct_encounter_cost'), changed, 'cost') }}
    inner join model
        on
            cost.service_month = model.service_month
            and cost.facility_code = model.facility_code
    where cost.cost_method <> 'actual'
),

summed as (
    select
        {%- for step in steps %}
        {%- for measure in measures %}
        coalesce(
            sum({{ measure }}) filter (where model_step = '{{ step }}'), 0.00
        ) as {{ step }}_{{ measure }},
        {%- endfor %}
        {%- endfor %}
        service_month,
        facility_code,
        cost_model_code,
        service_line_code
    from told
    group by service_month, facility_code, cost_model_code, service_line_code
)

select
    summed.service_month,
    summed.facility_code,
    summed.cost_model_code,
    summed.service_line_code,
    step.step_name,
    step.cost_amount,
    step.difference_amount,
    step.variable_cost,
    step.variable_difference_amount
from summed
cross join
    lateral (
        values
        {%- for step in model_steps() %}
        (
            '{{ 'encounter' if loop.first else step }}',
            {%- for measure in measures %}
            summed.{{ step }}_{{ measure }},
            summed.{{ step }}_{{ measure }}
            - summed.{{ steps[steps.index(step) - 1] }}_{{ measure }}
            {{- '' if loop.last else ',' }}
            {%- endfor %}
        ){{ '' if loop.last else ',' }}
        {%- endfor %}
    ) as step (
        step_name,
        cost_amount,
        difference_amount,
        variable_cost,
        variable_difference_amount
    )
