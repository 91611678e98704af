-- What each version has to give to charges. Direct cost is the same in all of them; how
-- much of it varies is not.
select
    cost_model.cost_model_code,
    cost_model.model_step,
    pool.facility_code,
    pool.service_month,
    pool.cost_center_code,
    pool.cost_component,
    pool.cost_group,
    pool.pool_reason,
    pool.pool_cents,
    case
        when cost_model.has_variable_rates then varied.variable_cents
        else pool.variable_cents
    end as variable_cents
from {{ ref('int_cost_model__versioned') }} as cost_model
inner join {{ ref('int_cost_pool__assembled') }} as pool
    on
        cost_model.facility_code = pool.facility_code
        and cost_model.service_month = pool.service_month
left join {{ ref('int_cost_model__varied') }} as varied
    on
        cost_model.facility_code = varied.facility_code
        and cost_model.service_month = varied.service_month
        and cost_model.cost_model_code = varied.cost_model_code
        and pool.cost_center_code = varied.cost_center_code
        and pool.cost_component = varied.cost_component
where pool.cost_component <> 'overhead'
union all
select
    cost_model.cost_model_code,
    cost_model.model_step,
    center.facility_code,
    center.service_month,
    center.cost_center_code,
    'overhead' as cost_component,
    'service' as cost_group,
    center.exception_reason as pool_reason,
    held.pool_cents,
    0 as variable_cents
from {{ ref('int_cost_model__versioned') }} as cost_model
inner join {{ ref('int_cost_center__allocated') }} as center
    on
        cost_model.facility_code = center.facility_code
        and cost_model.service_month = center.service_month
        and cost_model.allocation_method = center.allocation_method
        and cost_model.allocation_plan = center.allocation_plan
cross join
    lateral (
        values
        (
            case
                when center.cost_center_kind = 'overhead' then center.balance_cents
                else center.received_cents
            end
        )
    ) as held (pool_cents)
where held.pool_cents <> 0
