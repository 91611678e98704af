-- What was used costs what it cost the month before; and of a cost center that costs
-- what it did then, everybody has today's share.
with compared as (
    {{ months_with_prior(ref('service_line_profitability')) | indent }}
),

resource as (
    {{ beside_prior_month(
        ref('resource_use'),
        ['service_line_code', 'resource_kind', 'resource_code'],
        {
            'quantity': 'told.quantity',
            'cost': 'told.variable_cost',
            'fixed': 'told.fixed_direct_cost',
            'overhead': 'told.overhead_cost',
        },
    ) | indent }}
)

select
    service_month,
    facility_code,
    service_line_code,
    round(
        sum(
            case
                when quantity > 0 and prior_quantity > 0
                    then quantity * prior_cost / prior_quantity
                else cost
            end
        ),
        2
    ) as variable_cost_at_prior_price,
    sum(fixed) as fixed_direct_cost,
    sum(prior_fixed) as prior_fixed_direct_cost,
    round(
        sum(
            case
                when pool <> 0 and prior_pool <> 0 then prior_pool * fixed / pool
                else prior_fixed
            end
        ),
        2
    ) as fixed_cost_at_prior_pool,
    sum(overhead) as overhead_cost,
    sum(prior_overhead) as prior_overhead_cost
from (
    select
        resource.*,
        sum(resource.fixed) over of_center as pool,
        sum(resource.prior_fixed) over of_center as prior_pool
    from resource
    window of_center as (
        partition by
            resource.service_month,
            resource.facility_code,
            resource.resource_kind,
            resource.resource_code
    )
) as pooled
group by service_month, facility_code, service_line_code
