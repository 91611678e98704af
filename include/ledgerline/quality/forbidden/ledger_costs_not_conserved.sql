-- Per facility and month, labor, other direct and overhead costs, what found no base
-- included, are the ledger's labor and other direct costs by cost center.
-- relation: conformed.fct_encounter_cost
-- needs: conformed.fct_gl_entry
-- severity: block
select
    facility_code,
    service_month
from (
    select
        facility_code,
        service_month,
        cost_amount as amount
    from batch as cost
    where cost_component in ('labor', 'other_direct', 'overhead')
    union all
    select
        facility_code,
        posting_month as service_month,
        -gl_amount as amount
    from candidate_conformed.fct_gl_entry
    where
        cost_center_code is not null
        and account_class in ('labor', 'other_direct')
) as dollar
group by facility_code, service_month
having sum(amount) <> 0
