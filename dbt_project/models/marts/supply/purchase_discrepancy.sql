with order_line as (
    select
        case receipt_state
            when 'partly_received' then 'short'
            else receipt_state
        end as discrepancy_kind,
        purchase_order_line_id,
        null as receipt_line_id,
        purchase_order_number,
        facility_code,
        supplier_code,
        item_code,
        ordered_quantity,
        received_quantity,
        quantity_unit,
        unit_price,
        last_received_date as received_date
    from {{ ref('fct_purchase_order_line') }}
    where receipt_state in ('partly_received', 'closed_short', 'over_received')
),

receipt_line as (
    select
        case
            when ordered.purchase_order_line_id is null then 'not_ordered'
            when receipt.item_code <> ordered.item_code then 'other_item'
            when
                coalesce(receipt.received_quantity_unit, '')
                <> coalesce(ordered.quantity_unit, '')
                then 'other_unit'
        end as discrepancy_kind,
        receipt.purchase_order_line_id,
        receipt.receipt_line_id,
        receipt.purchase_order_number,
        receipt.facility_code,
        receipt.supplier_code,
        receipt.item_code,
        null::numeric(18, 4) as ordered_quantity,
        receipt.received_quantity,
        receipt.received_quantity_unit as quantity_unit,
        receipt.unit_price,
        receipt.received_date
    from {{ ref('fct_receipt') }} as receipt
    left join {{ ref('fct_purchase_order_line') }} as ordered
        on receipt.purchase_order_line_id = ordered.purchase_order_line_id
    -- What goes back to a supplier needs no order.
    where receipt.received_quantity > 0
),

discrepancy as (
    select * from order_line
    union all
    select * from receipt_line
    where discrepancy_kind is not null
)

select
    discrepancy_kind || '|' || coalesce(receipt_line_id, purchase_order_line_id)
        as purchase_discrepancy_id,
    discrepancy_kind,
    purchase_order_line_id,
    receipt_line_id,
    purchase_order_number,
    facility_code,
    supplier_code,
    item_code,
    ordered_quantity,
    received_quantity,
    received_quantity - coalesce(ordered_quantity, 0) as difference_quantity,
    quantity_unit,
    round(
        (received_quantity - coalesce(ordered_quantity, 0)) * unit_price, 2
    ) as difference_amount,
    received_date
from discrepancy
