-- Per facility, month and component, the mart's costs are the costs.
-- relation: marts.service_line_profitability
-- needs: conformed.fct_encounter_cost
-- severity: block
select
    facility_code,
    service_month,
    cost_component
from (
    select
        mart.facility_code,
        mart.service_month,
        part.cost_component,
        part.amount
    from batch as mart
    cross join lateral (
        values
        ('labor', mart.labor_cost),
        ('supply', mart.supply_cost),
        ('implant', mart.implant_cost),
        ('drug', mart.drug_cost),
        ('other_direct', mart.other_direct_cost),
        ('overhead', mart.overhead_cost)
    ) as part (cost_component, amount)
    union all
    select
        facility_code,
        service_month,
        cost_component,
        -cost_amount as amount
    from candidate_conformed.fct_encounter_cost
) as dollar
group by facility_code, service_month, cost_component
having sum(amount) <> 0
