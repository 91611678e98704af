-- Prices are compared for the unit of the order; a facility's own price goes before
-- that of all.
with agreed as (
    select distinct on (line.purchase_order_line_id)
        line.purchase_order_line_id,
        contract.contract_code,
        contract.unit_price
        / own_pack.item_quantity * ordered_pack.item_quantity as contract_price
    from {{ ref('fct_purchase_order_line') }} as line
    inner join {{ ref('dim_supply_contract') }} as contract
        on
            line.supplier_code = contract.supplier_code
            and line.item_code = contract.item_code
            and contract.facility_code in ('*', line.facility_code)
            and {{ holds_on(
                'contract', 'coalesce(line.order_date, line.delivery_date)'
            ) | indent(12) }}
    left join {{ ref('dim_item_unit') }} as own_pack
        on
            contract.item_code = own_pack.item_code
            and contract.price_unit = own_pack.pack_unit
    left join {{ ref('dim_item_unit') }} as ordered_pack
        on
            line.item_code = ordered_pack.item_code
            and line.quantity_unit = ordered_pack.pack_unit
    order by line.purchase_order_line_id asc, contract.facility_code = '*' asc
),

compared as (
    select
        line.*,
        agreed.contract_code,
        round(agreed.contract_price, 4) as contract_price,
        round(line.ordered_quantity * agreed.contract_price, 2) as contract_amount,
        case
            when line.ordered_quantity < 0 then 'negative_quantity'
            when line.item_code = 'unmapped' then 'unmapped_item'
            when own.pack_unit is null then 'no_unit_conversion'
            when agreed.contract_code is null then 'no_contract_price'
            when line.unit_price = 0 then 'no_order_price'
            when agreed.contract_price is null then 'no_unit_conversion'
            else ''
        end as price_issue
    from {{ ref('fct_purchase_order_line') }} as line
    left join agreed on line.purchase_order_line_id = agreed.purchase_order_line_id
    left join {{ ref('dim_item_unit') }} as own
        on line.item_code = own.item_code and line.quantity_unit = own.pack_unit
)

select
    purchase_order_line_id,
    purchase_order_number,
    facility_code,
    supplier_code,
    item_code,
    contract_code,
    price_issue,
    case
        when price_issue <> '' then 'not_comparable'
        when ordered_amount > contract_amount then 'overpaid'
        when ordered_amount < contract_amount then 'underpaid'
        else 'compliant'
    end as price_state,
    unit_price,
    contract_price,
    ordered_quantity,
    quantity_unit,
    ordered_amount,
    case when price_issue = '' then contract_amount end as contract_amount,
    case when price_issue = '' then ordered_amount - contract_amount else 0 end
        as variance_amount,
    case when price_issue = '' then 0 else ordered_amount end as unmeasured_amount,
    order_date
from compared
