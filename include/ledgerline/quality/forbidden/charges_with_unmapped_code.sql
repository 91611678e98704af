-- Reported: charges whose facility, department or payer nobody mapped. Their entries
-- are held one by one.
-- relation: conformed.fct_charge
-- severity: warn
select
    concat(
        sum(charge.charge_amount), ' USD on ', count(*), ' charges, ',
        charge.hold_reason, ', at facility ', charge.facility_code
    ) as observed
from batch as charge
where charge.hold_reason not in ('', 'unbilled')
group by charge.facility_code, charge.hold_reason
