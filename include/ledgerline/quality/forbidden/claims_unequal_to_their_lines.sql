-- Reported: claims whose total (CLM02) is not the sum of their service lines.
-- relation: conformed.fct_claim
-- severity: warn
select
    concat(
        count(*), ' claims differ from their lines by ',
        sum(claim.submitted_charge_amount - claim.gross_charge_amount),
        ' USD, at facility ', claim.facility_code
    ) as observed
from batch as claim
where claim.submitted_charge_amount <> claim.gross_charge_amount
group by claim.facility_code
