with received as (
    select
        purchase_order_line_id,
        received_quantity_unit,
        case when count(distinct facility_code) = 1 then min(facility_code) end
            as facility_code,
        sum(received_quantity) as received_quantity,
        sum(received_amount) as received_amount,
        min(received_date) as first_received_date,
        max(received_date) as last_received_date
    from {{ ref('fct_receipt') }}
    group by purchase_order_line_id, received_quantity_unit
),

compared as (
    select
        line.*,
        received.facility_code,
        coalesce(received.received_quantity, 0) as received_quantity,
        coalesce(received.received_amount, 0) as received_amount,
        received.first_received_date,
        received.last_received_date,
        -- Below zero is ordered what goes back to the supplier.
        abs(line.ordered_quantity) - abs(coalesce(received.received_quantity, 0))
            as missing_quantity
    from {{ ref('int_purchase_order_line__placed') }} as line
    left join received
        on
            line.purchase_order_line_id = received.purchase_order_line_id
            and line.ordered_quantity_unit = received.received_quantity_unit
),

counted as (
    select
        *,
        case
            when not is_stocked then 'not_stocked'
            when missing_quantity < 0 then 'over_received'
            when missing_quantity = 0 then 'received'
            when not is_open then 'closed_short'
            when received_quantity <> 0 then 'partly_received'
            else 'awaited'
        end as receipt_state,
        case
            when is_open and missing_quantity > 0
                then ordered_quantity - received_quantity
            else 0
        end as open_quantity
    from compared
)

select
    purchase_order_line_id,
    record_id,
    purchase_order_number,
    supplier_reference,
    facility_code,
    supplier_code,
    item_code,
    receipt_state,
    unit_price,
    round(ordered_quantity * unit_price, 2) as ordered_amount,
    received_amount,
    round(open_quantity * unit_price, 2) as open_amount,
    ordered_quantity,
    received_quantity,
    open_quantity,
    ordered_quantity_unit as quantity_unit,
    order_date,
    delivery_date,
    first_received_date,
    last_received_date
from counted
