{{ config(materialized='kept', replaces=of_scope('raw_ehr')) }}

with costed as (
    select
        usage.*,
        item.item_code is not null as is_known_item,
        coalesce(item.item_key, {{ unmapped_key() }}) as item_key,
        coalesce(item.item_category, 'unmapped') as item_category,
        coalesce(item.item_unit, usage.quantity_unit) as used_unit,
        coalesce(item.unit_cost, 0) as unit_cost,
        -- What no unit is told of counts pieces of the item's own.
        case
            when {{ is_same_unit(
                'usage.quantity_unit', 'item.item_unit'
            ) | indent(12) }}
                then 1
            else pack.item_quantity
        end as item_quantity,
        coalesce(center.cost_center_code, 'unmapped') as cost_center_code,
        coalesce(center.stock_location_code, 'unmapped') as stock_location_code
    from {{ ref('int_supply_usage__located') }} as usage
    left join {{ ref('int_item__dated') }} as item
        on
            usage.item_code = item.item_code
            and {{ holds_on('item', 'usage.usage_date') | indent(12) }}
    left join {{ ref('stg_reference__item_unit') }} as pack
        on
            usage.item_code = pack.item_code
            and usage.quantity_unit = pack.pack_unit
    left join {{ ref('stg_reference__department_cost_center') }} as department_center
        on
            usage.facility_code = department_center.facility_code
            and usage.department_code = department_center.department_code
    left join {{ ref('stg_reference__cost_center') }} as center
        on
            department_center.cost_center_code = center.cost_center_code
            and {{ holds_on('center', 'usage.usage_date') | indent(12) }}
)

select
    record_id,
    supply_usage_id,
    encounter_id,
    location_id_ehr,
    supply_request_id,
    facility_code,
    department_code,
    cost_center_code,
    stock_location_code,
    service_line_code,
    payer_key,
    payer_code,
    payer_class,
    item_key,
    case when is_known_item then item_code else 'unmapped' end as item_code,
    item_category,
    -- An item of an unknown category still costs something: it counts as supply.
    case when item_category in ('implant', 'drug') then item_category else 'supply' end
        as cost_component,
    lot_number,
    (quantity * coalesce(item_quantity, 1))::numeric(18, 4) as quantity,
    used_unit as quantity_unit,
    case when item_quantity is null then 'no_unit_conversion' else '' end
        as quantity_issue,
    (unused_quantity * coalesce(item_quantity, 1))::numeric(18, 4) as unused_quantity,
    (returned_quantity * coalesce(item_quantity, 1))::numeric(18, 4)
        as returned_quantity,
    unit_cost,
    round(quantity * coalesce(item_quantity, 1) * unit_cost, 2) as supply_cost,
    occurred_at,
    usage_date,
    {{ month_of('usage_date') }} as service_month,
    case
        when facility_code = 'unmapped' then 'unmapped_facility'
        when not is_inpatient and not has_department_name then 'no_department'
        when not is_inpatient and department_code = 'unmapped'
            then 'unmapped_department'
        when not is_known_item then 'unmapped_item'
        when cost_center_code = 'unmapped' then 'unmapped_cost_center'
        when stock_location_code = 'unmapped' then 'unmapped_stock_location'
        else ''
    end as hold_reason
from costed
