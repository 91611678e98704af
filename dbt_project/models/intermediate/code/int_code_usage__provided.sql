-- The numbers by which encounters and billed charges name a provider.
with known as (
    select
        provider_id as native_code,
        provider_id
    from {{ ref('stg_ehr__practitioner') }}
    where valid_to is null
    union
    select
        npi_code as native_code,
        min(provider_id) as provider_id
    from {{ ref('stg_ehr__practitioner') }}
    where npi_code is not null and valid_to is null
    group by npi_code
),

told as (
    select
        encounter.record_id,
        'ehr' as source_system,
        encounter.provider_id_ehr as native_code,
        coalesce(encounter.start_date, encounter.service_month) as usage_date,
        'encounter' as record_kind,
        0.00 as usage_amount
    from {{ ref('int_encounter__classified') }} as encounter
    union all
    select
        charge.record_id,
        'billing' as source_system,
        claim.provider_npi as native_code,
        charge.service_date as usage_date,
        'charge' as record_kind,
        charge.charge_amount as usage_amount
    from {{ ref('int_charge__assigned') }} as charge
    inner join {{ ref('stg_billing__claim') }} as claim
        on charge.record_id = claim.record_id
    where charge.is_billed
),

summed as (
    select
        record_id,
        source_system,
        native_code,
        usage_date,
        record_kind,
        count(*) as record_count,
        sum(usage_amount)::numeric(18, 2) as usage_amount
    from told
    where native_code is not null
    group by record_id, source_system, native_code, usage_date, record_kind
)

select
    summed.record_id,
    'provider' as code_set,
    summed.source_system,
    '*' as facility_code,
    summed.native_code,
    null::text as native_name,
    coalesce(
        nullif(case summed.source_system
            when 'ehr' then {{ crosswalked(
                'provider', 'ehr', 'summed.native_code', 'summed.usage_date'
            ) | indent(12) }}
            else {{ crosswalked(
                'provider', 'billing', 'summed.native_code', 'summed.usage_date'
            ) | indent(12) }}
        end, 'unmapped'),
        known.provider_id,
        'unmapped'
    ) as canonical_code,
    summed.usage_date,
    summed.record_kind,
    summed.record_count,
    summed.usage_amount
from summed
left join known on summed.native_code = known.native_code
