-- Per facility, store and item, what should be asked for is what was asked and what is
-- needed now.
-- relation: outbound.out_requisition_line
-- needs: conformed.fct_requisition_line marts.replenishment_need
-- severity: block
select
    facility_code,
    location_code,
    item_code
from (
    select
        facility_code,
        location_code,
        item_code,
        quantity
    from batch as wanted
    union all
    select
        facility_code,
        stock_location_code as location_code,
        item_code,
        -asked_quantity as quantity
    from candidate_conformed.fct_requisition_line
    union all
    select
        facility_code,
        stock_location_code as location_code,
        item_code,
        -needed_quantity as quantity
    from candidate_marts.replenishment_need
) as unit
group by facility_code, location_code, item_code
having sum(quantity) <> 0
