-- The codes by which payments and adjustments of providers name payer and facility.
with paid as (
    select
        payment.record_id,
        payment.payee_npi,
        payment.payer_id_billing,
        remittance.payer_name_billing,
        payment.payment_date as usage_date,
        'payment' as record_kind,
        payment.paid_amount as usage_amount
    from {{ ref('stg_billing__remittance_claim') }} as payment
    left join {{ ref('stg_billing__remittance') }} as remittance
        on payment.remittance_id = remittance.remittance_id
    where not payment.is_predetermination
    union all
    select
        adjustment.record_id,
        remittance.payee_npi,
        remittance.payer_id_billing,
        remittance.payer_name_billing,
        remittance.payment_date as usage_date,
        'provider_adjustment' as record_kind,
        adjustment.adjustment_amount as usage_amount
    from {{ ref('stg_billing__provider_adjustment') }} as adjustment
    inner join {{ ref('stg_billing__remittance') }} as remittance
        on adjustment.record_id = remittance.record_id
),

in_facility as (
    select
        paid.*,
        'billing' as source_system,
        {{ crosswalked(
            'facility', 'billing', 'paid.payee_npi', 'paid.usage_date'
        ) }} as facility_code
    from paid
),

named as (
    select
        record_id,
        'facility' as code_set,
        source_system,
        '*' as facility_code,
        payee_npi as native_code,
        null as native_name,
        facility_code as canonical_code,
        usage_date,
        record_kind,
        usage_amount
    from in_facility
    union all
    select
        record_id,
        'payer' as code_set,
        source_system,
        facility_code,
        payer_id_billing as native_code,
        payer_name_billing as native_name,
        {{ crosswalked(
            'payer', 'billing', 'in_facility.payer_id_billing',
            'in_facility.usage_date', 'in_facility.facility_code'
        ) }} as canonical_code,
        usage_date,
        record_kind,
        usage_amount
    from in_facility
)

{{ code_usage('named') }}
