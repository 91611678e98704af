-- A store still has in the ERP what was used in it, until the issue is posted.
with read_at as (
    select max(balance_at) as balance_at
    from {{ ref('fct_inventory_balance') }}
),

used as (
    select
        min(facility_code) as facility_code,
        stock_location_code,
        item_code,
        sum(quantity) as used_quantity
    from {{ ref('fct_supply_usage') }}
    where stock_location_code is not null and item_code is not null
    group by stock_location_code, item_code
),

issued as (
    select
        told.stock_location_code,
        told.item_code,
        sum(told.quantity) as issued_quantity
    from build.stock_issued() as told
    inner join read_at on told.posted_at <= read_at.balance_at
    group by told.stock_location_code, told.item_code
)

select
    used.facility_code,
    used.stock_location_code,
    used.item_code,
    used.used_quantity::numeric(18, 4) as used_quantity,
    coalesce(issued.issued_quantity, 0)::numeric(18, 4) as issued_quantity,
    (used.used_quantity - coalesce(issued.issued_quantity, 0))::numeric(18, 4)
        as unissued_quantity
from used
left join issued
    on
        used.stock_location_code = issued.stock_location_code
        and used.item_code = issued.item_code
