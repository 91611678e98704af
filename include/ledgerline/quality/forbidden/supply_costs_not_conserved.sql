-- Per facility, month and category, supply costs are those of the supplies used.
-- relation: conformed.fct_encounter_cost
-- needs: conformed.fct_supply_usage
-- severity: block
select
    facility_code,
    service_month,
    cost_component
from (
    select
        facility_code,
        service_month,
        cost_component,
        cost_amount as amount
    from batch as cost
    where cost_method = 'actual'
    union all
    select
        facility_code,
        service_month,
        item_category as cost_component,
        -supply_cost as amount
    from candidate_conformed.fct_supply_usage
) as dollar
group by facility_code, service_month, cost_component
having sum(amount) <> 0
