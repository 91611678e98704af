{{ config(materialized='kept', replaces=of_scope('raw_ehr')) }}

select
    supply_usage_id,
    encounter_id,
    record_id,
    facility_code,
    department_code,
    cost_center_code,
    stock_location_code,
    service_line_code,
    payer_code,
    payer_class,
    item_code,
    item_category,
    lot_number,
    hold_reason,
    unit_cost,
    supply_cost,
    quantity,
    quantity_unit,
    usage_date,
    service_month,
    occurred_at
from {{ made(ref('int_supply_usage__costed')) }}
