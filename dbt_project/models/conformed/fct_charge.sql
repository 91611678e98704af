{{ config(
    materialized='kept',
    replaces=of_scope_by('charge_source', 'dft'),
    indexes=[{'columns': ['charge_id'], 'unique': true}],
) }}

select
    charge.charge_id,
    charge.charge_source,
    charge.charge_transaction_id,
    charge.claim_id,
    charge.encounter_id,
    charge.record_id,
    charge.facility_code,
    {{ joined_key('department', 'charge') }} as department_key,
    charge.department_code,
    {{ joined_key('cost_center', 'charge') }} as cost_center_key,
    charge.cost_center_code,
    charge.cost_method,
    charge.service_line_code,
    charge.payer_key,
    charge.payer_code,
    charge.payer_class,
    charge.revenue_code,
    charge.procedure_code,
    charge.is_inpatient,
    charge.is_billed,
    charge.is_adjudicated,
    charge.is_late,
    charge.hold_reason,
    charge.charge_amount,
    charge.service_quantity,
    charge.service_quantity_unit,
    charge.service_date,
    charge.posted_date,
    charge.submitted_date,
    charge.service_month,
    charge.byte_offset,
    charge.segment_number
from {{ ref('int_charge__assigned') }} as charge
{{ join_version('department', 'charge.service_date', 'charge') }}
{{ join_version('cost_center', 'charge.service_date', 'charge') }}
