-- What varies of direct cost by the shares of each version.
select
    stated.facility_code,
    stated.service_month,
    stated.cost_model_code,
    cost.cost_center_code,
    cost.cost_component,
    {{ variable_cents('cost', 'stated.cost_model_code') | indent }} as variable_cents
from {{ ref('int_cost_model__stated') }} as stated
inner join {{ ref('int_account_cost__reclassified') }} as cost
    on
        stated.facility_code = cost.facility_code
        and stated.service_month = cost.service_month
group by
    stated.facility_code,
    stated.service_month,
    stated.cost_model_code,
    cost.cost_center_code,
    cost.cost_component
