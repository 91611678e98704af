-- A facility that bills through us has at most 1 % of its claimed dollars off its lines.
-- relation: conformed.fct_claim
-- severity: hold
-- threshold: 1 % of the dollars in force; set 2026-11-29 by data engineering: lines are what is charged and posted, so single totals that are off post nothing and are reported; more is a sender that loses lines, and charges with them
select
    claim.facility_code,
    concat(
        sum(abs(claim.submitted_charge_amount - claim.gross_charge_amount)),
        ' of ', sum(claim.gross_charge_amount),
        ' USD lie between the totals of claims and their service lines'
    ) as observed
from batch as claim
where
    claim.facility_code in (
        select canonical_code from reference.mapping
        where code_set = 'facility' and source_system = 'billing'
    )
group by claim.facility_code
having
    sum(abs(claim.submitted_charge_amount - claim.gross_charge_amount)) * 100
    > sum(greatest(claim.submitted_charge_amount, claim.gross_charge_amount))
