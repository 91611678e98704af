-- An order of the ERP names a warehouse, not a store. Its store is the one whose
-- requisition led to it, else the one that had a part of it already.
with requested as (
    select
        line.requisition_line_id as awaited_supply_id,
        line.purchase_order_line_id,
        line.facility_code,
        line.stock_location_code,
        line.item_code,
        -- One order line may answer several requisitions: each gets its share.
        line.requested_quantity * ordered.open_quantity
        / nullif(ordered.ordered_quantity, 0) as open_quantity
    from {{ ref('fct_requisition_line') }} as line
    inner join {{ ref('fct_purchase_order_line') }} as ordered
        on line.purchase_order_line_id = ordered.purchase_order_line_id
    where line.requisition_outcome = 'ordered'
),

placed as (
    select
        purchase_order_line_id,
        min(facility_code) as facility_code,
        min(stock_location_code) as stock_location_code
    from {{ ref('fct_receipt') }}
    where stock_location_code is not null
    group by purchase_order_line_id
    having count(distinct stock_location_code) = 1
),

begun as (
    select
        ordered.purchase_order_line_id as awaited_supply_id,
        ordered.purchase_order_line_id,
        placed.facility_code,
        placed.stock_location_code,
        ordered.item_code,
        ordered.open_quantity * pack.item_quantity as open_quantity
    from {{ ref('fct_purchase_order_line') }} as ordered
    inner join placed
        on ordered.purchase_order_line_id = placed.purchase_order_line_id
    inner join {{ ref('dim_item_unit') }} as pack
        on
            ordered.item_code = pack.item_code
            and ordered.quantity_unit = pack.pack_unit
    where not exists (
        select 1 from requested
        where requested.purchase_order_line_id = ordered.purchase_order_line_id
    )
)

select
    awaited_supply_id,
    purchase_order_line_id,
    facility_code,
    stock_location_code,
    item_code,
    open_quantity::numeric(18, 4) as open_quantity
from requested
where open_quantity > 0
union all
select
    awaited_supply_id,
    purchase_order_line_id,
    facility_code,
    stock_location_code,
    item_code,
    open_quantity::numeric(18, 4) as open_quantity
from begun
where open_quantity > 0
