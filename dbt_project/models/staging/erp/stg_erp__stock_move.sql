with source as (
    {{ latest_record('raw_erp', 'stock.move') }}
)

select
    record_id,
    resource_id as stock_move_id,
    case
        when {{ erp_field('origin') }} like 'purchase.line,%'
            then split_part({{ erp_field('origin') }}, ',', 2)
    end as purchase_order_line_id,
    case
        when {{ erp_field('origin') }} like 'stock.move,%'
            then split_part({{ erp_field('origin') }}, ',', 2)
    end as earlier_stock_move_id,
    case
        when {{ erp_field('shipment') }} like 'stock.shipment.in,%'
            then split_part({{ erp_field('shipment') }}, ',', 2)
    end as receipt_id_erp,
    coalesce({{ erp_field('product.code') }}, 'unmapped') as item_code,
    coalesce({{ erp_field('lot.number') }}, '') as lot_number,
    {{ erp_field('from_location.id') }} as from_location_id_erp,
    {{ erp_field('from_location.code') }} as from_location_code,
    {{ erp_field('to_location.id') }} as to_location_id_erp,
    {{ erp_field('to_location.code') }} as to_location_code,
    {{ erp_field('state') }} as stock_move_state,
    {{ as_number(erp_field('quantity')) }}::numeric(18, 4) as moved_quantity,
    {{ erp_field('unit.symbol') }} as moved_quantity_unit,
    {{ as_date(erp_field('planned_date')) }} as planned_date,
    {{ as_date(erp_field('effective_date')) }} as move_date
from source
