-- What was opened in vain costs what it cost, but for what the supplier took back. What
-- expired costs what its lot cost, but for what was credited when it went back.
with waste as (
    select
        'opened_unused' as waste_kind,
        service_month,
        facility_code,
        stock_location_code,
        item_code,
        lot_number,
        unused_quantity as wasted_quantity,
        returned_quantity as credited_quantity,
        round(unused_quantity * unit_cost, 2) as gross_amount,
        round(returned_quantity * unit_cost, 2) as credit_amount
    from {{ ref('fct_supply_usage') }}
    where unused_quantity > 0
    union all
    select
        'expired' as waste_kind,
        {{ month_of('lot.expiration_date') }} as service_month,
        balance.facility_code,
        balance.stock_location_code,
        balance.item_code,
        balance.lot_number,
        balance.on_hand_quantity as wasted_quantity,
        0 as credited_quantity,
        round(balance.on_hand_quantity * lot.lot_cost, 2) as gross_amount,
        0 as credit_amount
    from {{ ref('fct_inventory_balance') }} as balance
    inner join {{ ref('dim_lot') }} as lot
        on
            balance.item_code = lot.item_code
            and balance.lot_number = lot.lot_number
            and balance.balance_date >= lot.expiration_date
    where balance.on_hand_quantity > 0
    union all
    select
        'expired' as waste_kind,
        {{ month_of('returned.expiration_date') }} as service_month,
        returned.facility_code,
        returned.stock_location_code,
        returned.item_code,
        returned.lot_number,
        -returned.received_quantity as wasted_quantity,
        -returned.received_quantity as credited_quantity,
        round(-returned.received_quantity * lot.lot_cost, 2) as gross_amount,
        -returned.received_amount as credit_amount
    from {{ ref('fct_receipt') }} as returned
    inner join {{ ref('dim_lot') }} as lot
        on
            returned.item_code = lot.item_code
            and returned.lot_number = lot.lot_number
            and returned.received_date >= lot.expiration_date
    where returned.received_quantity < 0
),

item as (
    select distinct on (item_code)
        item_code,
        item_name,
        item_category,
        item_unit
    from {{ ref('dim_item') }}
    order by item_code asc, valid_from desc
)

select
    waste.waste_kind,
    waste.service_month,
    waste.facility_code,
    waste.stock_location_code,
    waste.item_code,
    waste.lot_number,
    item.item_name,
    item.item_category,
    sum(waste.wasted_quantity) as wasted_quantity,
    sum(waste.credited_quantity) as credited_quantity,
    item.item_unit as quantity_unit,
    sum(waste.gross_amount) as gross_amount,
    sum(waste.credit_amount) as credit_amount,
    sum(waste.gross_amount - waste.credit_amount) as waste_amount
from waste
inner join item on waste.item_code = item.item_code
group by
    waste.waste_kind, waste.service_month, waste.facility_code,
    waste.stock_location_code, waste.item_code, waste.lot_number, item.item_name,
    item.item_category, item.item_unit
