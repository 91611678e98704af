{{ config(indexes=[
    {'columns': ['record_id'], 'unique': true}, {'columns': ['claim_id']}
]) }}

with in_facility as (
    select
        payment.*,
        {{ crosswalked(
            'facility', 'billing', 'payment.payee_npi', 'payment.payment_date'
        ) }} as payee_facility_code
    from {{ ref('stg_billing__remittance_claim') }} as payment
    where not payment.is_predetermination
)

select
    in_facility.record_id,
    in_facility.payment_id,
    in_facility.remittance_id,
    ordered.claim_id,
    claim.claim_id is not null as has_claim,
    coalesce(
        claim.account_id,
        case
            when in_facility.payee_facility_code = 'unmapped' then ordered.claim_id
            else
                in_facility.payee_facility_code || '|'
                || {{ surviving_account(
                    'in_facility.payee_facility_code', 'in_facility.account_number'
                ) | indent(16) }}
        end
    ) as account_id,
    coalesce(claim.facility_code, in_facility.payee_facility_code) as facility_code,
    {{ crosswalked(
        'payer', 'billing', 'in_facility.payer_id_billing',
        'in_facility.payment_date', 'in_facility.payee_facility_code'
    ) }} as remitting_payer_code,
    ordered.payer_sequence,
    in_facility.claim_status_code,
    ordered.is_reversal,
    ordered.is_reversed,
    ordered.is_correction,
    ordered.reverses_payment_id,
    ordered.waits_for_original,
    ordered.is_taken_over,
    in_facility.payer_claim_control_number,
    in_facility.charge_amount,
    in_facility.paid_amount,
    in_facility.patient_responsibility_amount,
    in_facility.interest_amount,
    in_facility.payment_date,
    coalesce(
        claim.service_month, {{ month_of('in_facility.payment_date') }}
    ) as service_month
from in_facility
inner join {{ ref('int_remittance_claim__ordered') }} as ordered
    on in_facility.payment_id = ordered.payment_id
left join {{ ref('int_claim__located') }} as claim
    on ordered.claim_id = claim.claim_id
