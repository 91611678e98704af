select
    item_code,
    item_name,
    item_category,
    item_unit,
    unit_cost
from {{ ref('int_item__assembled') }}
union all
select
    'unmapped' as item_code,
    'Unmapped' as item_name,
    'unmapped' as item_category,
    null as item_unit,
    0 as unit_cost
