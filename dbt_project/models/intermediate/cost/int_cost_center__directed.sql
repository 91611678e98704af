-- What a cost center cost before anybody serves another.
select
    cost.facility_code,
    cost.service_month,
    cost.cost_center_code,
    cost.cost_component,
    sum(cost.cost_cents)::bigint as direct_cents,
    {{ variable_cents('cost', "''") | indent }} as variable_cents
from {{ ref('int_account_cost__reclassified') }} as cost
group by
    cost.facility_code, cost.service_month, cost.cost_center_code, cost.cost_component
