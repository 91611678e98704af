with store as (
    select distinct on (center.stock_location_code)
        center.stock_location_code,
        center.facility_code
    from {{ ref('stg_reference__cost_center') }} as center
    where
        center.stock_location_code is not null
        and {{ holds_on('center', 'current_date') | indent(8) }}
    order by center.stock_location_code, center.cost_center_code
)

select
    balance.inventory_balance_id,
    balance.record_id,
    coalesce(store.facility_code, 'unmapped') as facility_code,
    balance.stock_location_code,
    coalesce(item.item_key, {{ unmapped_key() }}) as item_key,
    coalesce(item.item_code, 'unmapped') as item_code,
    balance.lot_number,
    round(balance.on_hand_quantity * coalesce(item.unit_cost, 0), 2)
        as inventory_amount,
    balance.on_hand_quantity,
    balance.on_hand_quantity_unit,
    balance.received_at as balance_at
from {{ ref('stg_erp__stock_balance') }} as balance
left join store on balance.stock_location_code = store.stock_location_code
left join {{ ref('int_item__assembled') }} as item on balance.item_code = item.item_code
