-- From the cost that counts to that of another version of the cost model, step by step.
with model as (
    select distinct
        service_month,
        facility_code,
        cost_model_code
    from {{ ref('fct_cost_model_cost') }}
),

told as (
    select
        service_month,
        facility_code,
        cost_model_code,
        service_line_code,
        model_step,
        cost_amount
    from {{ ref('fct_cost_model_cost') }}
    union all
    select
        cost.service_month,
        cost.facility_code,
        model.cost_model_code,
        cost.service_line_code,
        'counted' as model_step,
        cost.cost_amount
    from {{ ref('fct_encounter_cost') }} as cost
    inner join model
        on
            cost.service_month = model.service_month
            and cost.facility_code = model.facility_code
    where cost.cost_method <> 'actual'
),

summed as (
    select
        {%- for step in ['counted', 'chosen', 'overhead', 'charge_costing'] %}
        coalesce(sum(cost_amount) filter (where model_step = '{{ step }}'), 0.00)
            as {{ step }},
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
    step.difference_amount
from summed
cross join
    lateral (
        values
        ('encounter', summed.chosen, summed.chosen - summed.counted),
        ('overhead', summed.overhead, summed.overhead - summed.chosen),
        (
            'charge_costing',
            summed.charge_costing,
            summed.charge_costing - summed.overhead
        )
    ) as step (step_name, cost_amount, difference_amount)
