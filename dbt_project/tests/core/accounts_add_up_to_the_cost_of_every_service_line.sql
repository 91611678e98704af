{{ config(meta={'asks': 'whole'}) }}

with told as (
    select
        facility_code,
        service_month,
        service_line_code,
        cost_component,
        cost_amount,
        0 as expense_amount
    from {{ ref('fct_encounter_cost') }}
    where cost_method <> 'actual'
    union all
    select
        facility_code,
        service_month,
        service_line_code,
        cost_component,
        0 as cost_amount,
        cost_amount as expense_amount
    from {{ ref('fct_service_line_expense') }}
)

select
    facility_code,
    service_month,
    service_line_code,
    cost_component,
    sum(cost_amount) as cost_amount,
    sum(expense_amount) as expense_amount
from told
group by facility_code, service_month, service_line_code, cost_component
having sum(cost_amount) <> sum(expense_amount)
