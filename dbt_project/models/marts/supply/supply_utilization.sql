with usage as (
    select
        service_month,
        facility_code,
        department_code,
        item_code,
        stock_location_code,
        sum(quantity) as used_quantity,
        sum(supply_cost) as supply_cost,
        count(distinct encounter_id) as encounter_count
    from {{ ref('fct_supply_usage') }}
    group by
        service_month, facility_code, department_code, item_code, stock_location_code
),

on_hand as (
    select
        stock_location_code,
        item_code,
        sum(on_hand_quantity) as on_hand_quantity
    from {{ ref('fct_inventory_balance') }}
    group by stock_location_code, item_code
)

select
    usage.service_month,
    usage.facility_code,
    usage.department_code,
    usage.item_code,
    item.item_name,
    item.item_category,
    usage.used_quantity,
    item.item_unit as used_quantity_unit,
    usage.supply_cost,
    round(usage.supply_cost / nullif(usage.encounter_count, 0), 2)
        as supply_cost_per_encounter,
    usage.encounter_count,
    on_hand.on_hand_quantity
from usage
inner join {{ ref('dim_item') }} as item on usage.item_code = item.item_code
left join on_hand
    on
        usage.stock_location_code = on_hand.stock_location_code
        and usage.item_code = on_hand.item_code
