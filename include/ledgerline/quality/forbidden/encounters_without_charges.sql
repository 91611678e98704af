-- A facility that bills through us bills at least 80 % of a month's finished encounters.
-- Months under 20 encounters and the last week before the newest billed charge are left
-- out.
-- relation: conformed.fct_encounter
-- needs: conformed.fct_charge
-- severity: hold
-- threshold: 80 % billed, in months of 20 and more; set 2026-11-22 by data engineering: a week of claims that never came is a quarter of a month, and smaller months swing by chance
select
    month.facility_code,
    concat(
        to_char(month.service_month, 'YYYY-MM'), ': ', month.uncharged_count, ' of ',
        month.encounter_count, ' finished encounters have no billed charge'
    ) as observed
from (
    select
        encounter.facility_code,
        encounter.service_month,
        count(*) as encounter_count,
        count(*) filter (where charged.encounter_id is null) as uncharged_count
    from batch as encounter
    left join (
        select distinct encounter_id from candidate_conformed.fct_charge
        where is_billed
    ) as charged on encounter.encounter_id = charged.encounter_id
    where
        encounter.is_counted
        and coalesce(encounter.end_date, encounter.start_date) < (
            select max(service_date) - 7 from candidate_conformed.fct_charge
            where is_billed
        )
    group by encounter.facility_code, encounter.service_month
) as month
where
    month.encounter_count >= 20
    and month.uncharged_count * 5 > month.encounter_count
    and month.facility_code in (
        select canonical_code from reference.mapping
        where code_set = 'facility' and source_system = 'billing'
    )
