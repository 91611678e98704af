-- What buyers made of a line: its order counts once it binds the supplier, until then
-- the line itself is open. A no is a no at each of the steps.
with request as (
    select distinct on (requisition_line_id_erp)
        requisition_line_id_erp,
        purchase_order_line_id,
        purchase_request_state
    from {{ ref('stg_erp__purchase_request') }}
    where requisition_line_id_erp is not null
    order by requisition_line_id_erp asc, record_id desc
)

select
    line.record_id,
    line.requisition_line_id_erp,
    line.requisition_number,
    line.external_reference,
    line.item_code,
    placed.purchase_order_line_id,
    case
        when line.requisition_state in ('rejected', 'cancelled') then 'refused'
        when request.purchase_request_state in ('cancelled', 'exception') then 'refused'
        when placed.purchase_order_line_id is not null then 'ordered'
        else 'open'
    end as requisition_outcome,
    line.requested_quantity,
    line.requested_quantity_unit,
    line.need_date
from {{ ref('stg_erp__requisition_line') }} as line
left join request
    on line.requisition_line_id_erp = request.requisition_line_id_erp
left join {{ ref('int_purchase_order_line__placed') }} as placed
    on request.purchase_order_line_id = placed.purchase_order_line_id
