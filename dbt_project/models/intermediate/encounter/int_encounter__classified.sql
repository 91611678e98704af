{{ config(indexes=[
    {'columns': ['encounter_id'], 'unique': true}, {'columns': ['account_id']}
]) }}
{%- set first_day = 'coalesce(classified.start_date, classified.end_date)' %}

with classified as (
    select
        encounter.*,
        coalesce(billed.payer_code, covered.payer_code, 'unmapped') as payer_code,
        coalesce(billed.billed_from_date, covered.covered_date) as payer_date,
        encounter.is_inpatient
        and not coalesce(billed.is_changed_to_outpatient, false) as is_stay,
        coalesce(billed.is_unrelated_stay, false) as is_unrelated_stay,
        case
            when
                encounter.is_inpatient
                and not coalesce(billed.is_changed_to_outpatient, false)
                then billed.ms_drg
        end as ms_drg,
        row_number() over (
            partition by encounter.account_id
            order by
                encounter.may_hold_account desc,
                encounter.encounter_status in ('cancelled', 'entered-in-error') asc,
                encounter.encounter_status = 'planned' asc,
                encounter.is_inpatient desc,
                encounter.start_at asc,
                encounter.encounter_id asc
        ) as account_rank
    from {{ ref('int_encounter__united') }} as encounter
    left join {{ ref('int_account__billed') }} as billed
        on encounter.account_id = billed.account_id
    left join {{ ref('int_encounter__covered') }} as covered
        on encounter.encounter_id = covered.encounter_id
)

select
    classified.record_id,
    classified.encounter_id,
    classified.account_id,
    classified.account_id is not null
    and classified.may_hold_account
    and classified.account_rank = 1 as is_account_holder,
    classified.has_fhir,
    classified.has_hl7v2,
    classified.facility_code,
    classified.department_code,
    classified.account_number,
    classified.patient_id_ehr,
    classified.provider_id_ehr,
    classified.encounter_class_code,
    classified.encounter_status,
    classified.discharge_disposition_code,
    classified.is_stay as is_inpatient,
    classified.is_unrelated_stay,
    classified.is_complete,
    classified.start_at,
    classified.inpatient_from_at,
    classified.end_at,
    classified.start_date,
    classified.end_date,
    classified.service_month,
    coalesce(payer.payer_key, {{ unmapped_key() }}) as payer_key,
    classified.payer_code,
    coalesce(payer.payer_class, 'unmapped') as payer_class,
    coalesce(drg.ms_drg, case when classified.is_stay then 'unmapped' end)
        as ms_drg,
    drg.relative_weight as drg_weight,
    case
        when classified.is_stay
            then coalesce(drg_service_line.service_line_code, 'unmapped')
        else coalesce(department.service_line_code, 'unmapped')
    end as service_line_code
from classified
left join {{ ref('stg_reference__payer') }} as payer
    on
        classified.payer_code = payer.payer_code
        and {{ holds_on('payer', 'classified.payer_date') | indent(8) }}
left join {{ ref('drg') }} as drg
    on classified.ms_drg = drg.ms_drg
left join {{ ref('drg_service_line') }} as drg_service_line
    on classified.ms_drg = drg_service_line.ms_drg
left join {{ ref('stg_reference__department') }} as department
    on
        classified.department_code = department.department_code
        and {{ holds_on('department', first_day) | indent(8) }}
