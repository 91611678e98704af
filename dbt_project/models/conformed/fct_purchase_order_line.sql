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
    counted.purchase_order_line_id,
    counted.record_id,
    counted.purchase_order_number,
    counted.supplier_reference,
    counted.facility_code,
    {{ joined_key('supplier', 'counted') }} as supplier_key,
    counted.supplier_code,
    {{ joined_key('item', 'counted') }} as item_key,
    counted.item_code,
    counted.receipt_state,
    counted.unit_price,
    round(counted.ordered_quantity * counted.unit_price, 2) as ordered_amount,
    counted.received_amount,
    round(counted.open_quantity * counted.unit_price, 2) as open_amount,
    counted.ordered_quantity,
    counted.received_quantity,
    counted.open_quantity,
    counted.ordered_quantity_unit as quantity_unit,
    counted.order_date,
    counted.delivery_date,
    counted.first_received_date,
    counted.last_received_date
from counted
{{ join_version(
    'supplier', 'coalesce(counted.order_date, counted.delivery_date)', 'counted'
) }}
{{ join_version(
    'item', 'coalesce(counted.order_date, counted.delivery_date)', 'counted'
) }}
