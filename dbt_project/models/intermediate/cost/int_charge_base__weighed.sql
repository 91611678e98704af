{{ config(indexes=[{'columns': [
    'facility_code', 'service_month', 'cost_center_code', 'cost_group'
]}]) }}

-- A charge takes part in its center's cost of services, unless its items are costed
-- themselves, and in the cost of the items that its revenue code stands for.
with charge as (
    select *
    from {{ within(ref('int_charge__weighed'), of_costed_months()) }}
    where charge_amount > 0
)

select
    charge_id,
    facility_code,
    service_month,
    cost_center_code,
    'service' as cost_group,
    cost_method,
    (charge_amount * 100)::bigint as charge_cents,
    case
        when cost_method = 'rcc' then charge_amount * 100
        else relative_weight
    end as weight
from charge
where cost_method <> 'actual'
union all
select
    charge_id,
    facility_code,
    service_month,
    cost_center_code,
    item_component as cost_group,
    'rcc' as cost_method,
    (charge_amount * 100)::bigint as charge_cents,
    charge_amount * 100 as weight
from charge
where item_component is not null
