-- Reported: claims of which payers explained another amount than is in force.
-- relation: conformed.fct_claim
-- severity: warn
select
    concat(
        count(*), ' claims answered to other amounts than are in force, ',
        sum(claim.open_amount), ' USD open, at facility ', claim.facility_code
    ) as observed
from batch as claim
where
    claim.open_amount <> 0
    and claim.life_cycle_state in ('adjudicated', 'corrected', 'closed', 'held')
group by claim.facility_code
