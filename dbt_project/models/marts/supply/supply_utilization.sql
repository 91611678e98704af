{%- set changed -%}
(
    {{ of_touched_days(['fct_supply_usage']) }}
    or {{ any_touched(['fct_inventory_balance', 'dim_item']) }}
)
{%- endset -%}
{{ config(materialized='kept', replaces=changed) }}

with usage as (
    select
        service_month,
        facility_code,
        department_code,
        item_code,
        -- The one used last: a cost center may have been given another.
        (
            array_agg(stock_location_code order by usage_date desc, supply_usage_id asc)
        )[1] as stock_location_code,
        sum(quantity) as used_quantity,
        sum(supply_cost) as supply_cost,
        count(distinct encounter_id) as encounter_count
    from {{ within(ref('fct_supply_usage'), changed) }}
    group by service_month, facility_code, department_code, item_code
),

on_hand as (
    select
        stock_location_code,
        item_code,
        sum(on_hand_quantity) as on_hand_quantity
    from {{ ref('fct_inventory_balance') }}
    group by stock_location_code, item_code
),

-- As it is now; what the ERP no longer has, as it was last.
item as (
    select distinct on (item_code)
        item_code,
        item_name,
        item_category,
        item_unit
    from {{ ref('dim_item') }}
    order by item_code asc, valid_from desc
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
inner join item on usage.item_code = item.item_code
left join on_hand
    on
        usage.stock_location_code = on_hand.stock_location_code
        and usage.item_code = on_hand.item_code
