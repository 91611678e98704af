{{ config(materialized='kept', replaces=of_scope('raw_billing')) }}

select
    charge.charge_id as claim_line_id,
    charge.claim_id,
    charge.record_id,
    charge.facility_code,
    charge.line_number,
    charge.transaction_type,
    charge.revenue_code,
    charge.procedure_code,
    charge.charge_amount as submitted_amount,
    charge.service_quantity,
    charge.service_quantity_unit,
    charge.service_date,
    charge.byte_offset,
    charge.segment_number
from {{ ref('int_charge__assigned') }} as charge
where charge.is_billed
