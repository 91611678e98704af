select
    item_key,
    item_code,
    item_name,
    item_category,
    item_unit,
    unit_cost,
    valid_to is null as is_current,
    valid_from,
    valid_to
from {{ ref('int_item__dated') }}
union all
select
    {{ unmapped_key() }} as item_key,
    'unmapped' as item_code,
    'Unmapped' as item_name,
    'unmapped' as item_category,
    null as item_unit,
    0 as unit_cost,
    true as is_current,
    {{ since_ever() }} as valid_from,
    null as valid_to
