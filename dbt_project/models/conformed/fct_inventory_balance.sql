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
    balance.received_at as balance_at,
    {{ facility_day('balance.received_at') }} as balance_date
from {{ ref('stg_erp__stock_balance') }} as balance
left join {{ ref('int_stock_location__assigned') }} as store
    on balance.stock_location_code = store.stock_location_code
left join {{ ref('stg_reference__facility') }} as facility
    on store.facility_code = facility.facility_code
left join {{ ref('int_item__assembled') }} as item on balance.item_code = item.item_code
left join {{ ref('stg_reference__posting_account') }} as consumed
    on
        consumed.posting_role = 'consumption_location'
        and balance.stock_location_code = consumed.account_code
-- What was issued lies in the ERP's location of what is used up: it is not on hand.
where consumed.account_code is null
