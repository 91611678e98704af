{%- set changed = of_touched_days([
    'int_charge__weighed', 'int_cost_model__versioned',
]) -%}
{{ config(materialized='kept', replaces=changed) }}
{%- set scope -%}
cost_model.cost_model_code,
    cost_model.model_step,
    charge.facility_code,
    charge.service_month,
    charge.cost_center_code,
    charge.service_line_code
{%- endset -%}

-- What service lines weigh in the cost of each center, by version.
with charge as (
    select
        facility_code,
        service_month,
        cost_center_code,
        service_line_code,
        cost_method,
        item_component,
        sum(charge_amount * 100)::bigint as charge_cents,
        sum(relative_weight) as relative_weight
    from {{ within(ref('int_charge__weighed'), changed) }}
    where
        charge_amount > 0
        and (facility_code, service_month) in (
            select
                cost_model.facility_code,
                cost_model.service_month
            from {{ ref('int_cost_model__versioned') }} as cost_model
        )
    group by
        facility_code,
        service_month,
        cost_center_code,
        service_line_code,
        cost_method,
        item_component
)

select
    {{ scope }},
    part.cost_group,
    part.cost_method,
    sum(charge.charge_cents) as charge_cents,
    sum(
        case
            when part.cost_method = 'rcc' then charge.charge_cents
            else charge.relative_weight
        end
    ) as weight
from {{ ref('int_cost_model__versioned') }} as cost_model
inner join charge
    on
        cost_model.facility_code = charge.facility_code
        and cost_model.service_month = charge.service_month
cross join
    lateral (
        values
        (
            case when charge.cost_method <> 'actual' then 'service' end,
            case
                when cost_model.charge_method = 'charge' then 'rcc'
                else charge.cost_method
            end
        ),
        (charge.item_component, 'rcc')
    ) as part (cost_group, cost_method)
where part.cost_group is not null
group by {{ scope }}, part.cost_group, part.cost_method
