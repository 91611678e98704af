-- A lot costs what was paid for it; without a receipt, what its item costs.
with told as (
    select
        item_code,
        lot_number,
        min(expiration_date) as expiration_date
    from {{ ref('stg_erp__lot') }}
    where lot_number is not null
    group by item_code, lot_number
),

paid as (
    select
        item_code,
        lot_number,
        sum(received_amount) / sum(received_quantity) as lot_cost
    from {{ ref('fct_receipt') }}
    where received_quantity > 0 and received_amount > 0
    group by item_code, lot_number
)

select
    told.item_code,
    told.lot_number,
    told.expiration_date,
    coalesce(paid.lot_cost, item.unit_cost, 0)::numeric(18, 4) as lot_cost
from told
left join paid
    on told.item_code = paid.item_code and told.lot_number = paid.lot_number
left join {{ ref('int_item__assembled') }} as item on told.item_code = item.item_code
