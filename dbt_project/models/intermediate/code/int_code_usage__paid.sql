-- The codes by which payments and adjustments of providers name payer and facility.
with paid as (
    select
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
        summed.*,
        {{ crosswalked(
            'facility', 'billing', 'summed.payee_npi', 'summed.usage_date'
        ) }} as facility_code
    from (
        select
            payee_npi,
            payer_id_billing,
            max(payer_name_billing) as payer_name_billing,
            usage_date,
            record_kind,
            count(*) as record_count,
            sum(usage_amount) as usage_amount
        from paid
        group by payee_npi, payer_id_billing, usage_date, record_kind
    ) as summed
),

named as (
    select
        'facility' as code_set,
        '*' as facility_code,
        payee_npi as native_code,
        null as native_name,
        facility_code as canonical_code,
        usage_date,
        record_kind,
        record_count,
        usage_amount
    from in_facility
    union all
    select
        'payer' as code_set,
        facility_code,
        payer_id_billing as native_code,
        payer_name_billing as native_name,
        {{ crosswalked(
            'payer', 'billing', 'in_facility.payer_id_billing',
            'in_facility.usage_date', 'in_facility.facility_code'
        ) }} as canonical_code,
        usage_date,
        record_kind,
        record_count,
        usage_amount
    from in_facility
)

select
    code_set,
    'billing' as source_system,
    facility_code,
    native_code,
    max(native_name) as native_name,
    canonical_code,
    usage_date,
    record_kind,
    sum(record_count)::bigint as record_count,
    sum(usage_amount)::numeric(18, 2) as usage_amount
from named
where coalesce(native_code, 'unmapped') <> 'unmapped'
group by
    code_set, facility_code, native_code, canonical_code, usage_date, record_kind
