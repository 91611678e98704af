with lot as (
    select
        item_code,
        lot_number,
        min(expiration_date) as expiration_date
    from {{ ref('stg_erp__lot') }}
    group by item_code, lot_number
),

priced as (
    select
        receipt.receipt_line_id,
        receipt.record_id,
        line.purchase_order_line_id,
        line.purchase_order_number,
        receipt.receipt_number,
        coalesce(store.facility_code, 'unmapped') as facility_code,
        receipt.stock_location_code,
        coalesce(
            nullif(line.supplier_code, 'unmapped'),
            {{ known_supplier(
                'receipt.supplier_code', 'receipt.received_date'
            ) | indent(12) }}
        ) as supplier_code,
        coalesce(item.item_code, 'unmapped') as item_code,
        receipt.lot_number,
        -- What nobody ordered, or in other units, costs what its item costs.
        coalesce(
            case
                when receipt.received_quantity_unit = line.ordered_quantity_unit
                    then line.unit_price
            end,
            case
                when receipt.received_quantity_unit = item.item_unit then item.unit_cost
            end,
            0
        )::numeric(18, 4) as unit_price,
        receipt.received_quantity,
        receipt.received_quantity_unit,
        receipt.planned_date,
        receipt.received_date,
        lot.expiration_date
    from {{ ref('int_receipt__located') }} as receipt
    left join {{ ref('int_purchase_order_line__placed') }} as line
        on receipt.purchase_order_line_id = line.purchase_order_line_id
    left join {{ ref('int_stock_location__assigned') }} as store
        on receipt.stock_location_code = store.stock_location_code
    left join {{ ref('dim_item') }} as item
        on
            receipt.item_code = item.item_code
            and {{ holds_on('item', 'receipt.received_date') | indent(12) }}
    left join lot
        on receipt.item_code = lot.item_code and receipt.lot_number = lot.lot_number
)

select
    receipt_line_id,
    record_id,
    purchase_order_line_id,
    purchase_order_number,
    receipt_number,
    facility_code,
    stock_location_code,
    supplier_code,
    item_code,
    lot_number,
    unit_price,
    round(received_quantity * unit_price, 2) as received_amount,
    received_quantity,
    received_quantity_unit,
    planned_date,
    received_date,
    expiration_date
from priced
