select
    surgical_case_id,
    item_code,
    facility_code,
    sum(quantity - unused_quantity) as used_quantity,
    sum(unused_quantity) as unused_quantity,
    sum(supply_cost) as supply_cost,
    sum(unused_amount) as unused_amount
from {{ ref('fct_surgical_case_supply') }}
group by surgical_case_id, facility_code, item_code
