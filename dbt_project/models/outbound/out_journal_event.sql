-- Revenue is posted once a claim bills it: only then are its service line and payer
-- final. What is posted at the EHR but not billed is in the marts, not in the books.
select
    'patient_revenue' as document_kind,
    facility_code,
    service_date as event_date,
    hold_reason as hold_class,
    'patient_receivable' as debit_role,
    case when is_inpatient then 'inpatient_revenue' else 'outpatient_revenue' end
        as credit_role,
    'credit' as costed_side,
    cost_center_code,
    service_line_code,
    charge_amount as amount,
    'fct_charge' as fact_name,
    charge_id as fact_id,
    record_id
from {{ made(ref('fct_charge')) }}
where is_billed
union all
select
    'remittance_adjustment' as document_kind,
    facility_code,
    payment_date as event_date,
    hold_reason as hold_class,
    case adjustment_category
        when 'contractual' then 'contractual'
        when 'denial' then 'denial'
        else 'other_adjustment'
    end as debit_role,
    'patient_receivable' as credit_role,
    'debit' as costed_side,
    '' as cost_center_code,
    service_line_code,
    adjustment_amount as amount,
    'fct_remittance_adjustment' as fact_name,
    adjustment_id as fact_id,
    record_id
from {{ made(ref('fct_remittance_adjustment')) }}
where
    adjustment_category in ('contractual', 'denial', 'other')
    and not is_passed_on
union all
select
    'cash_receipt' as document_kind,
    facility_code,
    payment_date as event_date,
    hold_reason as hold_class,
    'cash' as debit_role,
    'patient_receivable' as credit_role,
    'none' as costed_side,
    '' as cost_center_code,
    '' as service_line_code,
    paid_amount as amount,
    'fct_payment' as fact_name,
    payment_id as fact_id,
    record_id
from {{ made(ref('fct_payment')) }}
union all
select
    'cash_receipt' as document_kind,
    facility_code,
    payment_date as event_date,
    hold_reason as hold_class,
    'provider_adjustment' as debit_role,
    'cash' as credit_role,
    'none' as costed_side,
    '' as cost_center_code,
    '' as service_line_code,
    adjustment_amount as amount,
    'fct_provider_adjustment' as fact_name,
    provider_adjustment_id as fact_id,
    record_id
from {{ made(ref('fct_provider_adjustment')) }}
union all
select
    'supply_expense' as document_kind,
    facility_code,
    usage_date as event_date,
    hold_reason as hold_class,
    item_category || '_expense' as debit_role,
    'inventory' as credit_role,
    'debit' as costed_side,
    cost_center_code,
    service_line_code,
    supply_cost as amount,
    'fct_supply_usage' as fact_name,
    supply_usage_id as fact_id,
    record_id
from {{ made(ref('fct_supply_usage')) }}
