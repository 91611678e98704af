-- Per facility and month, the mart's gross charges are the charges.
-- relation: marts.service_line_profitability
-- needs: conformed.fct_charge
-- severity: block
select
    facility_code,
    service_month
from (
    select
        facility_code,
        service_month,
        gross_charge_amount as amount
    from batch as mart
    union all
    select
        facility_code,
        service_month,
        -charge_amount as amount
    from candidate_conformed.fct_charge
) as dollar
group by facility_code, service_month
having sum(amount) <> 0
