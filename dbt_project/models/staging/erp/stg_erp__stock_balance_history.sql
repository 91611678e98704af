with source as (
    {{ record_history('raw_erp', 'stock.balance') }}
)

select
    record_id,
    resource_id as inventory_balance_id,
    {{ erp_field('location_code') }} as stock_location_code,
    {{ erp_field('item_code') }} as item_code,
    coalesce({{ erp_field('lot_number') }}, '') as lot_number,
    coalesce({{ as_number(erp_field('quantity')) }}, 0)::numeric(18, 4)
        as on_hand_quantity,
    valid_from,
    valid_to
from source
