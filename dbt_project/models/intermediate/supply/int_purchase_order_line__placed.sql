{{ config(indexes=[{'columns': ['purchase_order_line_id'], 'unique': true}]) }}

-- Drafts and cancelled orders bind nobody. A line whose order did not land counts: what
-- came of it is there.
select
    line.record_id,
    line.purchase_order_line_id,
    purchase_order.purchase_order_number,
    purchase_order.supplier_reference,
    purchase_order.supplier_code as supplier_code_erp,
    {{ known_supplier(
        'purchase_order.supplier_code',
        'coalesce(purchase_order.order_date, line.delivery_date)'
    ) | indent }} as supplier_code,
    line.item_code as item_code_erp,
    coalesce(item.item_code, 'unmapped') as item_code,
    coalesce(item.is_stocked, true) as is_stocked,
    coalesce(purchase_order.purchase_order_state, 'processing') <> 'done' as is_open,
    -- What another currency is worth nobody says: the item costs what it costs here.
    coalesce(
        case
            when coalesce(purchase_order.currency_code, 'USD') = 'USD'
                then line.unit_price
        end,
        case when line.ordered_quantity_unit = item.item_unit then item.unit_cost end,
        0
    )::numeric(18, 4) as unit_price,
    coalesce(line.ordered_quantity, 0)::numeric(18, 4) as ordered_quantity,
    line.ordered_quantity_unit,
    purchase_order.order_date,
    line.delivery_date
from {{ ref('stg_erp__purchase_order_line') }} as line
left join {{ ref('stg_erp__purchase_order') }} as purchase_order
    on line.purchase_order_id_erp = purchase_order.purchase_order_id_erp
left join {{ ref('int_item__dated') }} as item
    on
        line.item_code = item.item_code
        and {{ holds_on(
            'item', 'coalesce(purchase_order.order_date, line.delivery_date)'
        ) | indent(8) }}
where
    coalesce(purchase_order.purchase_order_state, 'processing')
    in ('confirmed', 'processing', 'done')
