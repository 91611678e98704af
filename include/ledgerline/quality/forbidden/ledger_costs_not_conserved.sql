-- Per facility and month, costs other than of supplies used, what found no base included,
-- are the ledger's labor, other direct cost and supplies that we did not issue.
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
    where cost_method <> 'actual'
    union all
    select
        coalesce(facility_code, 'unmapped') as facility_code,
        posting_month as service_month,
        -gl_amount as amount
    from candidate_conformed.fct_gl_entry
    where
        account_class in ('labor', 'other_direct')
        or (account_class = 'supply_expense' and coalesce(external_reference, '') = '')
) as dollar
group by facility_code, service_month
having sum(amount) <> 0
