{{ config(meta={'asks': 'whole'}) }}

-- The steps of a version add up to its difference from the cost in encounters, and no
-- step but the variable share makes or loses cost of a facility and month.
with counted as (
    select
        service_month,
        facility_code,
        service_line_code,
        sum(cost_amount) as amount,
        sum(variable_cost) as variable_amount
    from {{ ref('fct_encounter_cost') }}
    where cost_method <> 'actual'
    group by service_month, facility_code, service_line_code
),

stepped as (
    select
        service_month,
        facility_code,
        cost_model_code,
        service_line_code,
        sum(cost_amount) filter (where step_name = 'variable_rate')
        - sum(difference_amount) as amount,
        sum(variable_cost) filter (where step_name = 'variable_rate')
        - sum(variable_difference_amount) as variable_amount
    from {{ ref('cost_model_difference') }}
    group by service_month, facility_code, cost_model_code, service_line_code
)

select
    stepped.service_month,
    stepped.facility_code,
    stepped.service_line_code
from stepped
left join counted
    on
        stepped.service_month = counted.service_month
        and stepped.facility_code = counted.facility_code
        and stepped.service_line_code = counted.service_line_code
where
    stepped.amount <> coalesce(counted.amount, 0)
    or stepped.variable_amount <> coalesce(counted.variable_amount, 0)
union all
select
    service_month,
    facility_code,
    step_name as service_line_code
from {{ ref('cost_model_difference') }}
group by service_month, facility_code, cost_model_code, step_name
having
    sum(difference_amount) <> 0
    or (step_name <> 'variable_rate' and sum(variable_difference_amount) <> 0)
