-- A store needs what brings its stock position up to the level, once the position is at
-- the reorder quantity; with a forecast, once it is under the leveling.
with observed as (
    select max(demand_date) as demand_date
    from {{ ref('fct_item_demand') }}
),

leveled as (
    select
        leveling.facility_code,
        leveling.stock_location_code,
        leveling.item_code,
        leveling.review_days,
        item.item_unit as quantity_unit,
        pack.item_quantity as pack_quantity,
        (leveling.reorder_quantity * pack.item_quantity)::numeric(18, 4)
            as reorder_quantity,
        (
            coalesce(leveling.forecast_level_quantity, leveling.par_quantity)
            * pack.item_quantity
        )::numeric(18, 4) as level_quantity,
        leveling.forecast_level_quantity is not null as is_forecast
    from {{ ref('reorder_level') }} as leveling
    inner join {{ ref('dim_item') }} as item
        on leveling.item_code = item.item_code and item.is_current
    inner join {{ ref('dim_item_unit') }} as pack
        on
            leveling.item_code = pack.item_code
            and leveling.quantity_unit = pack.pack_unit
    where
        leveling.level_issue in ('', 'negative_stock')
        and leveling.is_consigned is not true
        and leveling.stock_location_code <> 'unmapped'
        and leveling.facility_code <> 'unmapped'
),

asked as (
    select
        line.stock_location_code,
        line.item_code,
        sum(line.requested_quantity)
        filter (where line.requisition_outcome = 'open') as requisitioned_quantity,
        sum(line.requested_quantity) filter (
            where line.requisition_outcome = 'refused'
            and line.need_date + coalesce(leveled.review_days, 0)::integer
            > observed.demand_date
        ) as refused_quantity
    from {{ ref('fct_requisition_line') }} as line
    inner join leveled
        on
            line.stock_location_code = leveled.stock_location_code
            and line.item_code = leveled.item_code
    cross join observed
    group by line.stock_location_code, line.item_code
),

on_order as (
    select
        stock_location_code,
        item_code,
        sum(open_quantity) as on_order_quantity
    from {{ ref('fct_awaited_supply') }}
    group by stock_location_code, item_code
),

positioned as (
    select
        leveled.*,
        observed.demand_date,
        coalesce(on_hand.on_hand_quantity, 0) as on_hand_quantity,
        coalesce(unissued.unissued_quantity, 0) as unissued_quantity,
        coalesce(on_order.on_order_quantity, 0) as on_order_quantity,
        coalesce(asked.requisitioned_quantity, 0) as requisitioned_quantity,
        coalesce(asked.refused_quantity, 0) as refused_quantity
    from leveled
    cross join observed
    left join {{ on_hand() | indent(4) }} as on_hand
        on
            leveled.stock_location_code = on_hand.stock_location_code
            and leveled.item_code = on_hand.item_code
    left join {{ ref('fct_unissued_usage') }} as unissued
        on
            leveled.stock_location_code = unissued.stock_location_code
            and leveled.item_code = unissued.item_code
    left join on_order
        on
            leveled.stock_location_code = on_order.stock_location_code
            and leveled.item_code = on_order.item_code
    left join asked
        on
            leveled.stock_location_code = asked.stock_location_code
            and leveled.item_code = asked.item_code
    -- Where the ERP told no stock at all, nobody knows what is missing.
    where exists (select 1 from {{ ref('fct_inventory_balance') }})
),

summed as (
    select
        *,
        (
            greatest(on_hand_quantity - unissued_quantity, 0) + on_order_quantity
            + requisitioned_quantity + refused_quantity
        )::numeric(18, 4) as position_quantity
    from positioned
)

select
    *,
    case
        when
            (is_forecast and position_quantity < level_quantity)
            or (not is_forecast and position_quantity <= reorder_quantity)
            then greatest(
                ceil((level_quantity - position_quantity) / pack_quantity), 0
            ) * pack_quantity
        else 0
    end::numeric(18, 4) as needed_quantity
from summed
