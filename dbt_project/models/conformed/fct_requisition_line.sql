-- What the ERP does not tell yet of our own requisitions is on its way: it is open.
with asked as (
    select
        external_reference,
        facility_code,
        stock_location_code,
        item_code,
        quantity,
        quantity_unit,
        need_date
    from build.requisition_asked()
)

select
    coalesce(
        asked.external_reference || '|' || asked.item_code,
        'erp|' || line.requisition_line_id_erp
    ) as requisition_line_id,
    line.record_id,
    line.requisition_number,
    coalesce(asked.external_reference, line.external_reference) as external_reference,
    coalesce(asked.facility_code, 'unmapped') as facility_code,
    coalesce(asked.stock_location_code, 'unmapped') as stock_location_code,
    coalesce(asked.item_code, item.item_code, 'unmapped') as item_code,
    line.purchase_order_line_id,
    coalesce(line.requisition_outcome, 'open') as requisition_outcome,
    coalesce(asked.quantity, 0)::numeric(18, 4) as asked_quantity,
    coalesce(line.requested_quantity, asked.quantity, 0)::numeric(18, 4)
        as requested_quantity,
    coalesce(line.requested_quantity_unit, asked.quantity_unit) as quantity_unit,
    coalesce(asked.need_date, line.need_date) as need_date
from asked
full join {{ ref('int_requisition_line__followed') }} as line
    on
        asked.external_reference = line.external_reference
        and asked.item_code = line.item_code
left join {{ ref('dim_item') }} as item
    on line.item_code = item.item_code and item.is_current
