-- Reported: charges that no encounter stands behind.
-- relation: conformed.fct_charge
-- severity: warn
select
    concat(
        sum(charge.charge_amount), ' USD on ', count(*),
        ' charges without an encounter, at facility ', charge.facility_code
    ) as observed
from batch as charge
where charge.encounter_id is null
group by charge.facility_code
