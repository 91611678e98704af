{{ config(indexes=[
    {'columns': ['claim_id'], 'unique': true}, {'columns': ['account_id']}
]) }}

with in_facility as (
    select
        dated.*,
        {{ crosswalked(
            'facility', 'billing', 'dated.billing_npi', 'dated.from_date'
        ) }} as facility_code
    from {{ ref('int_claim__dated') }} as dated
),

on_account as (
    select
        in_facility.*,
        {{ surviving_account(
            'in_facility.facility_code', 'in_facility.account_number'
        ) | indent(8) }} as surviving_account_number
    from in_facility
)

select
    on_account.record_id,
    on_account.claim_id,
    case
        when on_account.facility_code = 'unmapped' then on_account.claim_id
        else on_account.facility_code || '|' || on_account.surviving_account_number
    end as account_id,
    on_account.facility_code,
    on_account.surviving_account_number as account_number,
    {{ crosswalked(
        'payer', 'billing', 'on_account.payer_id_billing',
        'on_account.from_date', 'on_account.facility_code'
    ) }} as payer_code,
    on_account.transaction_type,
    on_account.frequency_code,
    on_account.ms_drg,
    on_account.transaction_type = '837I'
    and coalesce(on_account.facility_type_code, '') = '11' as is_inpatient_bill,
    on_account.is_changed_to_outpatient,
    on_account.is_unrelated_stay,
    on_account.in_force_count,
    on_account.submitted_charge_amount,
    on_account.gross_charge_amount,
    on_account.line_count,
    on_account.from_date as statement_from_date,
    on_account.through_date as statement_through_date,
    {{ month_of('on_account.through_date') }} as service_month
from on_account
