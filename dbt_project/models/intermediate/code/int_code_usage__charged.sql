-- The codes by which billed charges of the conformed layer count where they do.
with claim as (
    select
        dated.claim_id,
        dated.billing_npi,
        dated.payer_id_billing,
        dated.from_date,
        located.account_id,
        located.facility_code,
        submitted.payer_name_billing
    from {{ ref('int_claim__dated') }} as dated
    inner join {{ ref('int_claim__located') }} as located
        on dated.claim_id = located.claim_id
    inner join {{ ref('stg_billing__claim') }} as submitted
        on dated.record_id = submitted.record_id
),

speaker as (
    select claim.*
    from {{ ref('int_account__billed') }} as account
    inner join claim on account.claim_id = claim.claim_id
),

charge as (
    select *
    from {{ ref('int_charge__assigned') }}
    where is_billed
),

named as (
    select
        charge.record_id,
        'payer' as code_set,
        'billing' as source_system,
        charge.facility_code,
        speaker.payer_id_billing as native_code,
        speaker.payer_name_billing as native_name,
        charge.payer_code as canonical_code,
        speaker.from_date as usage_date,
        'charge' as record_kind,
        charge.charge_amount as usage_amount
    from charge
    inner join speaker on charge.account_id = speaker.account_id
    union all
    select
        charge.record_id,
        'facility' as code_set,
        'billing' as source_system,
        '*' as facility_code,
        claim.billing_npi as native_code,
        null as native_name,
        claim.facility_code as canonical_code,
        claim.from_date as usage_date,
        'charge' as record_kind,
        charge.charge_amount as usage_amount
    from charge
    inner join claim on charge.claim_id = claim.claim_id
    union all
    select
        charge.record_id,
        'department' as code_set,
        'ehr' as source_system,
        charge.facility_code,
        encounter.department_code_ehr as native_code,
        encounter.department_name as native_name,
        charge.department_code as canonical_code,
        encounter.usage_date,
        'charge' as record_kind,
        charge.charge_amount as usage_amount
    from charge
    inner join {{ ref('int_encounter__named') }} as encounter
        on charge.encounter_id = encounter.encounter_id
)

{{ code_usage('named') }}
