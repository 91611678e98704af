-- A lot costs what its orders said: other receipts are valued at the cost price.
with paid as (
    select
        receipt.item_code,
        receipt.lot_number,
        sum(receipt.received_quantity * line.unit_price)
        / sum(receipt.received_quantity * pack.item_quantity) as unit_price
    from {{ ref('fct_receipt') }} as receipt
    inner join {{ ref('fct_purchase_order_line') }} as line
        on
            receipt.purchase_order_line_id = line.purchase_order_line_id
            and receipt.received_quantity_unit = line.quantity_unit
    inner join {{ ref('dim_item_unit') }} as pack
        on
            receipt.item_code = pack.item_code
            and receipt.received_quantity_unit = pack.pack_unit
    where
        receipt.lot_number <> ''
        and receipt.received_quantity > 0
        and line.unit_price > 0
    group by receipt.item_code, receipt.lot_number
),

told as (
    select
        'lot_price' as price_source,
        lot_number as source_id,
        '*' as facility_code,
        item_code,
        lot_number,
        unit_price,
        null::date as valid_from,
        null::date as valid_to
    from paid
    union all
    select
        'contract_price' as price_source,
        concat_ws(
            '|', contract.contract_code, contract.supplier_code, contract.price_unit
        ) as source_id,
        contract.facility_code,
        contract.item_code,
        '' as lot_number,
        contract.unit_price / pack.item_quantity as unit_price,
        contract.valid_from,
        contract.valid_to
    from {{ ref('dim_supply_contract') }} as contract
    inner join {{ ref('dim_item_unit') }} as pack
        on
            contract.item_code = pack.item_code
            and contract.price_unit = pack.pack_unit
    where contract.unit_price > 0
    union all
    select
        'purchase_price' as price_source,
        line.purchase_order_line_id as source_id,
        coalesce(line.facility_code, '*') as facility_code,
        line.item_code,
        '' as lot_number,
        line.unit_price / pack.item_quantity as unit_price,
        coalesce(line.order_date, line.delivery_date) as valid_from,
        null as valid_to
    from {{ ref('fct_purchase_order_line') }} as line
    inner join {{ ref('dim_item_unit') }} as pack
        on line.item_code = pack.item_code and line.quantity_unit = pack.pack_unit
    where
        line.unit_price > 0
        and line.ordered_quantity > 0
        and coalesce(line.order_date, line.delivery_date) is not null
    union all
    select
        'cost_price' as price_source,
        item_key::text as source_id,
        '*' as facility_code,
        item_code,
        '' as lot_number,
        unit_cost as unit_price,
        valid_from,
        valid_to
    from {{ ref('dim_item') }}
    where unit_cost > 0
)

select
    concat_ws('|', price_source, facility_code, item_code, source_id, valid_from)
        as item_price_id,
    price_source,
    facility_code,
    item_code,
    lot_number,
    unit_price::numeric(18, 4) as unit_price,
    valid_from,
    valid_to
from told
