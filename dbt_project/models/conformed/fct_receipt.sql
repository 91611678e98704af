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
    priced.receipt_line_id,
    priced.record_id,
    priced.purchase_order_line_id,
    priced.purchase_order_number,
    priced.receipt_number,
    priced.facility_code,
    priced.stock_location_code,
    {{ joined_key('supplier', 'priced') }} as supplier_key,
    priced.supplier_code,
    {{ joined_key('item', 'priced') }} as item_key,
    priced.item_code,
    priced.lot_number,
    priced.unit_price,
    round(priced.received_quantity * priced.unit_price, 2) as received_amount,
    priced.received_quantity,
    priced.received_quantity_unit,
    priced.planned_date,
    priced.received_date,
    priced.expiration_date
from priced
{{ join_version('supplier', 'priced.received_date', 'priced') }}
{{ join_version('item', 'priced.received_date', 'priced') }}
