-- What was used at the place of a case belongs to the case of the nearest day; where
-- the procedure names no place, to the encounter's case of that day.
select distinct on (used.supply_usage_id)
    used.supply_usage_id,
    surgery.surgical_case_id,
    surgery.facility_code,
    used.stock_location_code,
    used.item_code,
    used.usage_date,
    used.quantity,
    used.unused_quantity,
    used.supply_cost,
    round(used.unused_quantity * used.unit_cost, 2) as unused_amount
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
