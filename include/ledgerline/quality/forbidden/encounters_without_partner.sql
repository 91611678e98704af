-- Reported: finished encounters without a charge, over all facilities.
-- relation: conformed.fct_encounter
-- needs: conformed.fct_charge
-- severity: warn
select
    concat(
        count(*), ' finished encounters have no charge, at facility ',
        encounter.facility_code
    ) as observed
from batch as encounter
where
    encounter.is_counted
    and exists (select from candidate_conformed.fct_charge)
    and not exists (
        select from candidate_conformed.fct_charge as charge
        where charge.encounter_id = encounter.encounter_id
    )
group by encounter.facility_code
