-- Who takes part in a month's allocation of overhead, and in which order the overhead
-- centers close: as it counts, and as versions of the cost model would have it.
with cost as (
    select
        facility_code,
        service_month,
        cost_center_code,
        sum(direct_cents) as direct_cents
    from {{ ref('int_cost_center__directed') }}
    group by facility_code, service_month, cost_center_code
),

month as (
    select distinct
        facility_code,
        service_month
    from cost
),

plan as (
    select
        month.*,
        '' as allocation_plan,
        '' as planned_method,
        '' as order_model_code,
        '' as basis_model_code
    from month
    union all
    select
        stated.facility_code,
        stated.service_month,
        way.allocation_plan,
        stated.allocation_method as planned_method,
        stated.cost_model_code as order_model_code,
        way.basis_model_code
    from {{ ref('int_cost_model__stated') }} as stated
    cross join
        lateral (
            values
            ({{ allocation_plan('stated', 'order') }}, ''),
            ({{ allocation_plan('stated', 'basis') }}, stated.cost_model_code)
        ) as way (allocation_plan, basis_model_code)
    where stated.has_steps
)

select
    center.facility_code,
    plan.service_month,
    plan.allocation_plan,
    plan.planned_method,
    center.cost_center_code,
    center.cost_center_kind,
    -- A center that the order has anew comes with its basis.
    coalesce(measured.basis, step.basis) as basis,
    case
        when step.step_number is not null
            then row_number() over (
                partition by
                    center.facility_code, plan.service_month, plan.allocation_plan
                order by step.step_number asc, center.cost_center_code asc
            )
    end as closed_at,
    coalesce(cost.direct_cents, 0) as direct_cents
from plan
inner join {{ ref('stg_reference__cost_center') }} as center
    on
        plan.facility_code = center.facility_code
        and {{ holds_on('center', month_end('plan.service_month')) | indent(8) }}
left join {{ ref('stg_reference__allocation_step') }} as step
    on
        center.facility_code = step.facility_code
        and center.cost_center_code = step.cost_center_code
        and center.cost_center_kind = 'overhead'
        and plan.order_model_code = step.cost_model_code
        and {{ holds_on('step', month_end('plan.service_month')) | indent(8) }}
left join {{ ref('stg_reference__allocation_step') }} as measured
    on
        step.facility_code = measured.facility_code
        and step.cost_center_code = measured.cost_center_code
        and plan.basis_model_code = measured.cost_model_code
        and {{ holds_on('measured', month_end('plan.service_month')) | indent(8) }}
left join cost
    on
        plan.facility_code = cost.facility_code
        and plan.service_month = cost.service_month
        and center.cost_center_code = cost.cost_center_code
