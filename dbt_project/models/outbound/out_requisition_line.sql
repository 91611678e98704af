-- What was asked for stays asked for, whatever its buyer decided; what is needed now
-- comes on top.
with asked as (
    select
        facility_code,
        stock_location_code as location_code,
        item_code,
        max(need_date) as need_date,
        max(quantity_unit) as quantity_unit,
        sum(asked_quantity) as asked_quantity
    from {{ ref('fct_requisition_line') }}
    where asked_quantity > 0
    group by facility_code, stock_location_code, item_code
),

needed as (
    select
        facility_code,
        stock_location_code as location_code,
        item_code,
        demand_date as need_date,
        quantity_unit,
        needed_quantity
    from {{ ref('replenishment_need') }}
    where needed_quantity > 0
)

select
    concat_ws(
        '|',
        'requisition',
        coalesce(needed.facility_code, asked.facility_code),
        coalesce(needed.location_code, asked.location_code),
        coalesce(needed.item_code, asked.item_code)
    ) as requisition_line_id,
    'requisition' as document_kind,
    coalesce(needed.facility_code, asked.facility_code) as facility_code,
    coalesce(needed.need_date, asked.need_date) as posting_date,
    '' as hold_class,
    coalesce(needed.location_code, asked.location_code) as location_code,
    coalesce(needed.item_code, asked.item_code) as item_code,
    (coalesce(asked.asked_quantity, 0) + coalesce(needed.needed_quantity, 0))
    ::numeric(18, 4) as quantity,
    coalesce(needed.quantity_unit, asked.quantity_unit) as unit
from needed
full join asked
    on
        needed.facility_code = asked.facility_code
        and needed.location_code = asked.location_code
        and needed.item_code = asked.item_code
