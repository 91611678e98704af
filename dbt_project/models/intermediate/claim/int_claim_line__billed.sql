{{ config(indexes=[{'columns': ['charge_id'], 'unique': true}]) }}

-- The service lines that count: those of the submissions in force.
select
    line.record_id,
    ruled.charge_id_prefix || '|' || line.line_number as charge_id,
    claim.claim_id,
    claim.account_id,
    claim.facility_code,
    claim.transaction_type,
    ruled.submission_kind = 'late' as is_late_bill,
    ruled.submitted_date,
    line.line_position,
    line.line_number,
    line.line_control_number,
    line.revenue_code,
    line.procedure_code,
    line.charge_amount,
    line.service_quantity,
    line.service_quantity_unit,
    line.service_date,
    claim.statement_through_date,
    line.byte_offset,
    line.segment_number
from {{ ref('stg_billing__claim_line') }} as line
inner join {{ ref('int_claim_submission__ruled') }} as ruled
    on line.record_id = ruled.record_id
inner join {{ ref('int_claim__located') }} as claim
    on ruled.claim_id = claim.claim_id
where ruled.submission_state = 'in_force'
