select
    item_code,
    pack_unit,
    item_quantity
from {{ source('reference', 'item_unit') }}
