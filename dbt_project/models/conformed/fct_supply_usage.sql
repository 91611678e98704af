{{ config(materialized='kept', replaces=of_scope('raw_ehr')) }}

select
    usage.supply_usage_id,
    usage.encounter_id,
    usage.record_id,
    usage.location_id_ehr,
    usage.supply_request_id,
    usage.facility_code,
    {{ joined_key('department', 'usage') }} as department_key,
    usage.department_code,
    {{ joined_key('cost_center', 'usage') }} as cost_center_key,
    usage.cost_center_code,
    usage.stock_location_code,
    usage.service_line_code,
    usage.payer_key,
    usage.payer_code,
    usage.payer_class,
    usage.item_key,
    usage.item_code,
    usage.item_category,
    usage.lot_number,
    usage.hold_reason,
    usage.unit_cost,
    usage.supply_cost,
    usage.quantity,
    usage.quantity_unit,
    usage.quantity_issue,
    usage.unused_quantity,
    usage.returned_quantity,
    usage.usage_date,
    usage.service_month,
    usage.occurred_at
from {{ made(ref('int_supply_usage__costed')) }} as usage
{{ join_version('department', 'usage.usage_date', 'usage') }}
{{ join_version('cost_center', 'usage.usage_date', 'usage') }}
