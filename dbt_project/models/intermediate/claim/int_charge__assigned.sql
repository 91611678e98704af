{{ config(indexes=[
    {'columns': ['charge_id'], 'unique': true},
    {'columns': ['facility_code', 'service_month', 'cost_center_code']},
]) }}

-- What a payer says of a charge that no claim bills is said of its account.
with adjudicated as (
    select distinct unnest(array[claim_id, account_id]) as answered_id
    from {{ ref('int_remittance_claim__located') }}
    where not is_reversal and not is_reversed
),

charge as (
    select
        known.*,
        account.encounter_id,
        account.service_line_code,
        account.payer_key,
        account.payer_code,
        account.payer_class,
        account.is_inpatient,
        account.discharged_date,
        account.hold_reason,
        known.charge_source = '837' as is_billed,
        coalesce(known.department_code, account.department_code)
            as charged_department_code
    from {{ ref('int_charge__matched') }} as known
    inner join {{ ref('int_account__classified') }} as account
        on known.account_id = account.account_id
),

placed as (
    select
        charge.*,
        coalesce(
            revenue_center.cost_center_code,
            department_center.cost_center_code,
            'unmapped'
        ) as cost_center_code,
        coalesce(revenue_center.cost_method, 'rcc') as charged_method
    from charge
    left join {{ ref('stg_reference__revenue_center') }} as revenue_center
        on
            charge.facility_code = revenue_center.facility_code
            and charge.revenue_code = revenue_center.revenue_code
            and charge.transaction_type in ('837I', 'DFT')
    left join {{ ref('stg_reference__department_cost_center') }} as department_center
        on
            charge.facility_code = department_center.facility_code
            and charge.charged_department_code = department_center.department_code
)

select
    charge.record_id,
    charge.charge_id,
    charge.charge_source,
    charge.charge_transaction_id,
    charge.claim_id,
    charge.line_number,
    charge.account_id,
    charge.encounter_id,
    charge.facility_code,
    charge.charged_department_code as department_code,
    charge.cost_center_code,
    case
        when charge.charged_method = 'actual' or weighing.relative_value is null
            then charge.charged_method
        when capacity.cost_center_code is null then 'rvu'
        else 'time'
    end as cost_method,
    weighing.relative_value,
    charge.service_line_code,
    charge.payer_key,
    charge.payer_code,
    charge.payer_class,
    charge.is_inpatient,
    charge.is_billed,
    adjudicated.answered_id is not null as is_adjudicated,
    charge.transaction_type,
    charge.revenue_code,
    charge.procedure_code,
    charge.charge_amount,
    charge.service_quantity,
    charge.service_quantity_unit,
    charge.service_date,
    {{ month_of('charge.service_date') }} as service_month,
    charge.posted_date,
    charge.submitted_date,
    -- Posted more than three days after the service, or after the discharge.
    charge.is_late_bill
    or coalesce(
        charge.posted_date > greatest(charge.service_date, charge.discharged_date) + 3,
        false
    ) as is_late,
    charge.byte_offset,
    charge.segment_number,
    case
        when not charge.is_billed then 'unbilled'
        when charge.hold_reason <> '' then charge.hold_reason
        when charge.cost_center_code = 'unmapped' then 'unmapped_cost_center'
        else ''
    end as hold_reason
from placed as charge
left join {{ ref('stg_reference__relative_value') }} as weighing
    on
        charge.facility_code = weighing.facility_code
        and charge.cost_center_code = weighing.cost_center_code
        and charge.procedure_code = weighing.procedure_code
        and {{ holds_on('weighing', 'charge.service_date') | indent(8) }}
left join {{ ref('stg_reference__cost_center_capacity') }} as capacity
    on
        charge.facility_code = capacity.facility_code
        and charge.cost_center_code = capacity.cost_center_code
        and {{ holds_on('capacity', month_end('charge.service_date')) | indent(8) }}
left join adjudicated
    on coalesce(charge.claim_id, charge.account_id) = adjudicated.answered_id
