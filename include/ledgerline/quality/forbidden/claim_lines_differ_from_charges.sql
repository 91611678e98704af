-- Per facility, claim lines and billed charges are the same dollars.
-- relation: conformed.fct_claim_line
-- needs: conformed.fct_charge
-- severity: block
select facility_code
from (
    select
        facility_code,
        submitted_amount as amount
    from batch as claim_line
    union all
    select
        facility_code,
        -charge_amount as amount
    from candidate_conformed.fct_charge
    where is_billed
) as dollar
group by facility_code
having sum(amount) <> 0
