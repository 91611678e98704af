{{ config(indexes=[
    {'columns': ['charge_id'], 'unique': true},
    {'columns': ['facility_code', 'service_month', 'cost_center_code']},
]) }}

with adjudicated as (
    select distinct claim_id from {{ ref('int_remittance_claim__located') }}
),

charge as (
    select
        line.*,
        claim.claim_id,
        claim.claim_id || '|' || line.line_number as charge_id,
        claim.account_id,
        claim.transaction_type,
        claim.facility_code,
        coalesce(line.service_date, claim.statement_through_date) as charged_on
    from {{ ref('stg_billing__claim_line') }} as line
    inner join {{ ref('int_claim__located') }} as claim
        on line.record_id = claim.record_id
)

select
    charge.record_id,
    charge.charge_id,
    charge.claim_id,
    charge.line_number,
    charge.account_id,
    account.encounter_id,
    charge.facility_code,
    account.department_code,
    coalesce(
        revenue_center.cost_center_code,
        department_center.cost_center_code,
        'unmapped'
    ) as cost_center_code,
    coalesce(revenue_center.cost_method, 'rcc') as cost_method,
    account.service_line_code,
    account.payer_code,
    account.payer_class,
    account.is_inpatient,
    adjudicated.claim_id is not null as is_adjudicated,
    charge.transaction_type,
    charge.revenue_code,
    charge.procedure_code,
    charge.charge_amount,
    charge.service_quantity,
    charge.service_quantity_unit,
    charge.charged_on as service_date,
    {{ month_of('charge.charged_on') }} as service_month,
    case
        when account.hold_reason <> '' then account.hold_reason
        when
            revenue_center.cost_center_code is null
            and department_center.cost_center_code is null
            then 'unmapped_cost_center'
        else ''
    end as hold_reason
from charge
inner join {{ ref('int_account__classified') }} as account
    on charge.account_id = account.account_id
left join {{ ref('stg_reference__revenue_center') }} as revenue_center
    on
        charge.facility_code = revenue_center.facility_code
        and charge.revenue_code = revenue_center.revenue_code
        and charge.transaction_type = '837I'
left join {{ ref('stg_reference__department_cost_center') }} as department_center
    on
        charge.facility_code = department_center.facility_code
        and account.department_code = department_center.department_code
left join adjudicated on charge.claim_id = adjudicated.claim_id
