-- Every version as a way from the model that counts to itself, one difference after the
-- other.
with chosen as (
    select distinct
        facility_code,
        service_month,
        allocation_method
    from {{ ref('int_cost_center__allocated') }}
    where is_chosen
)

select
    stated.facility_code,
    stated.service_month,
    stated.cost_model_code,
    step.model_step,
    case
        when step.place = 0 then coalesce(chosen.allocation_method, 'step_down')
        else stated.allocation_method
    end as allocation_method,
    case
        when step.place < 2 or not stated.has_steps then ''
        when step.place = 2 then {{ allocation_plan('stated', 'order') }}
        else {{ allocation_plan('stated', 'basis') }}
    end as allocation_plan,
    case when step.place < 4 then 'relative_value' else stated.charge_method end
        as charge_method,
    step.place = 5 as has_variable_rates
from {{ ref('int_cost_model__stated') }} as stated
left join chosen
    on
        stated.facility_code = chosen.facility_code
        and stated.service_month = chosen.service_month
cross join (
    values
    {%- for step in model_steps() %}
    ({{ loop.index0 }}, '{{ step }}'){{ '' if loop.last else ',' }}
    {%- endfor %}
) as step (place, model_step)
