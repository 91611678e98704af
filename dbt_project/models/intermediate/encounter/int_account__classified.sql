{{ config(indexes=[{'columns': ['account_id'], 'unique': true}]) }}

with account as (
    select
        billed.account_id,
        billed.facility_code,
        coalesce(billed.payer_code, encounter.payer_code, 'unmapped') as payer_code,
        billed.billed_from_date,
        encounter.encounter_id,
        coalesce(encounter.is_inpatient, billed.is_inpatient_bill) as is_inpatient,
        case when encounter.is_inpatient then encounter.end_date end as discharged_date,
        coalesce(encounter.department_code, 'unmapped') as department_code,
        named.department_code_ehr,
        case
            when encounter.encounter_id is not null then encounter.service_line_code
            when billed.is_inpatient_bill then drg.service_line_code
        end as service_line_code
    from {{ ref('int_account__billed') }} as billed
    left join {{ ref('int_encounter__classified') }} as encounter
        on
            billed.account_id = encounter.account_id
            and encounter.is_account_holder
    left join {{ ref('int_encounter__named') }} as named
        on encounter.encounter_id = named.encounter_id
    left join {{ ref('drg_service_line') }} as drg
        on billed.ms_drg = drg.ms_drg
)

select
    account.account_id,
    account.facility_code,
    account.encounter_id,
    account.department_code,
    account.is_inpatient,
    account.discharged_date,
    coalesce(account.service_line_code, 'unmapped') as service_line_code,
    coalesce(payer.payer_key, {{ unmapped_key() }}) as payer_key,
    account.payer_code,
    coalesce(payer.payer_class, 'unmapped') as payer_class,
    case
        when account.facility_code = 'unmapped' then 'unmapped_facility'
        when payer.payer_code is null then 'unmapped_payer'
        when account.is_inpatient or account.department_code <> 'unmapped' then ''
        when account.encounter_id is null then 'unknown_account'
        when account.department_code_ehr is null then 'no_department'
        else 'unmapped_department'
    end as hold_reason
from account
left join {{ ref('stg_reference__payer') }} as payer
    on
        account.payer_code = payer.payer_code
        and {{ holds_on('payer', 'account.billed_from_date') | indent(8) }}
