-- Per facility and fact, what is to be posted is what the conformed layer holds;
-- charges only once a claim bills them.
-- relation: outbound.out_journal_fact
-- needs: conformed.fct_charge conformed.fct_payment conformed.fct_supply_usage
-- severity: block
select
    facility_code,
    fact_name
from (
    select
        facility_code,
        fact_name,
        greatest(amount, 0) as amount
    from batch as journal
    where fact_name in ('fct_charge', 'fct_payment', 'fct_supply_usage')
    union all
    select
        facility_code,
        'fct_charge' as fact_name,
        -abs(charge_amount) as amount
    from candidate_conformed.fct_charge
    where is_billed
    union all
    select
        facility_code,
        'fct_payment' as fact_name,
        -abs(paid_amount) as amount
    from candidate_conformed.fct_payment
    union all
    select
        facility_code,
        'fct_supply_usage' as fact_name,
        -abs(supply_cost) as amount
    from candidate_conformed.fct_supply_usage
) as dollar
group by facility_code, fact_name
having sum(amount) <> 0
