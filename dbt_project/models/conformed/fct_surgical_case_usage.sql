-- What was used at the place of a case belongs to the case of the nearest day; where
-- the procedure names no place, to the encounter's case of that day.
with usage as (
    select distinct on (used.supply_usage_id)
        surgery.surgical_case_id,
        surgery.facility_code as case_facility_code,
        used.*
    from {{ ref('fct_supply_usage') }} as used
    inner join {{ ref('fct_surgical_case') }} as surgery
        on
            used.encounter_id = surgery.encounter_id
            and (
                used.location_id_ehr = surgery.location_id_ehr
                or (
                    surgery.location_id_ehr is null
                    and used.usage_date = surgery.case_date
                )
            )
    order by
        used.supply_usage_id asc,
        surgery.location_id_ehr is null asc,
        abs(used.usage_date - surgery.case_date) asc,
        surgery.surgical_case_id asc
)

select
    surgical_case_id,
    item_code,
    case_facility_code as facility_code,
    sum(quantity - unused_quantity) as used_quantity,
    sum(unused_quantity) as unused_quantity,
    sum(supply_cost) as supply_cost,
    sum(round(unused_quantity * unit_cost, 2)) as unused_amount
from usage
group by surgical_case_id, case_facility_code, item_code
