-- Per facility and item, the quantities to issue are the quantities used.
-- relation: outbound.out_stock_issue_line
-- needs: conformed.fct_supply_usage
-- severity: block
select
    facility_code,
    item_code
from (
    select
        facility_code,
        item_code,
        quantity
    from batch as issue
    union all
    select
        facility_code,
        item_code,
        -quantity as quantity
    from candidate_conformed.fct_supply_usage
) as unit
group by facility_code, item_code
having sum(quantity) <> 0
