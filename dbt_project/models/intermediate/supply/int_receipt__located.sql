-- What left a place of suppliers came; what went to one went back, and is below zero.
-- Goods are where their receipt put them; what it has not put away, where they arrived.
with arrived as (
    select
        moved.*,
        case
            when departure.stock_location_type = 'supplier' then moved.moved_quantity
            else -moved.moved_quantity
        end as received_quantity
    from {{ ref('stg_erp__stock_move') }} as moved
    left join {{ ref('stg_erp__stock_location') }} as departure
        on moved.from_location_id_erp = departure.stock_location_id_erp
    left join {{ ref('stg_erp__stock_location') }} as destination
        on moved.to_location_id_erp = destination.stock_location_id_erp
    where
        moved.stock_move_state = 'done'
        and (
            coalesce(departure.stock_location_type = 'supplier', false)
            <> coalesce(destination.stock_location_type = 'supplier', false)
        )
),

stored as (
    select
        moved.*,
        arrived.stock_move_id as arrival_id
    from {{ ref('stg_erp__stock_move') }} as moved
    inner join arrived
        on
            moved.earlier_stock_move_id = arrived.stock_move_id
            and moved.receipt_id_erp = arrived.receipt_id_erp
            and moved.moved_quantity_unit = arrived.moved_quantity_unit
    where moved.stock_move_state = 'done' and arrived.received_quantity > 0
),

put_away as (
    select
        arrival_id,
        sum(moved_quantity) as quantity
    from stored
    group by arrival_id
),

placed as (
    select
        stored.record_id,
        stored.stock_move_id,
        stored.arrival_id,
        stored.lot_number,
        stored.to_location_code as stock_location_code,
        stored.moved_quantity as received_quantity
    from stored
    union all
    select
        arrived.record_id,
        arrived.stock_move_id,
        arrived.stock_move_id as arrival_id,
        arrived.lot_number,
        case
            when arrived.received_quantity > 0 then arrived.to_location_code
            else arrived.from_location_code
        end as stock_location_code,
        arrived.received_quantity - coalesce(put_away.quantity, 0) as received_quantity
    from arrived
    left join put_away on arrived.stock_move_id = put_away.arrival_id
    where arrived.received_quantity <> coalesce(put_away.quantity, 0)
)

select
    placed.record_id,
    placed.stock_move_id as receipt_line_id,
    arrived.purchase_order_line_id,
    receipt.receipt_number,
    receipt.supplier_code,
    coalesce(placed.stock_location_code, 'unmapped') as stock_location_code,
    arrived.item_code,
    coalesce(nullif(placed.lot_number, ''), arrived.lot_number) as lot_number,
    placed.received_quantity::numeric(18, 4) as received_quantity,
    arrived.moved_quantity_unit as received_quantity_unit,
    coalesce(receipt.planned_date, arrived.planned_date) as planned_date,
    coalesce(arrived.move_date, receipt.received_date) as received_date
from placed
inner join arrived on placed.arrival_id = arrived.stock_move_id
left join {{ ref('stg_erp__receipt') }} as receipt
    on arrived.receipt_id_erp = receipt.receipt_id_erp
