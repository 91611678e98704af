-- Every item's own unit holds one of it.
select
    item_code,
    item_unit as pack_unit,
    1::numeric(18, 4) as item_quantity
from {{ ref('int_item__assembled') }}
where item_unit is not null
union all
select
    pack.item_code,
    pack.pack_unit,
    pack.item_quantity
from {{ ref('stg_reference__item_unit') }} as pack
left join {{ ref('int_item__assembled') }} as item
    on pack.item_code = item.item_code
where pack.pack_unit is distinct from item.item_unit
