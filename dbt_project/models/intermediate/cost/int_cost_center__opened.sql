-- Who takes part in a month's allocation of overhead, and in which order the overhead
-- centers close.
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
)

select
    center.facility_code,
    month.service_month,
    center.cost_center_code,
    center.cost_center_kind,
    step.basis,
    case
        when step.step_number is not null
            then row_number() over (
                partition by center.facility_code, month.service_month
                order by step.step_number asc, center.cost_center_code asc
            )
    end as closed_at,
    coalesce(cost.direct_cents, 0) as direct_cents
from month
inner join {{ ref('stg_reference__cost_center') }} as center
    on
        month.facility_code = center.facility_code
        and {{ holds_on('center', month_end('month.service_month')) | indent(8) }}
left join {{ ref('stg_reference__allocation_step') }} as step
    on
        center.facility_code = step.facility_code
        and center.cost_center_code = step.cost_center_code
        and center.cost_center_kind = 'overhead'
        and {{ holds_on('step', month_end('month.service_month')) | indent(8) }}
left join cost
    on
        month.facility_code = cost.facility_code
        and month.service_month = cost.service_month
        and center.cost_center_code = cost.cost_center_code
