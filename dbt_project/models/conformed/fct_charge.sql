{{ config(indexes=[{'columns': ['charge_id'], 'unique': true}]) }}

select
    charge_id,
    charge_source,
    charge_transaction_id,
    claim_id,
    encounter_id,
    record_id,
    facility_code,
    department_code,
    cost_center_code,
    cost_method,
    service_line_code,
    payer_code,
    payer_class,
    revenue_code,
    procedure_code,
    is_inpatient,
    is_billed,
    is_adjudicated,
    hold_reason,
    charge_amount,
    service_quantity,
    service_quantity_unit,
    service_date,
    service_month
from {{ ref('int_charge__assigned') }}
