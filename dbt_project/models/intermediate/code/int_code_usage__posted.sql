-- The codes of charges that the EHR posted and no claim bills yet, and of their payers
-- where the EHR alone knows them. Those of a facility that nobody mapped wait: they are
-- in no total, and named here.
with posted as (
    select distinct on (record_id, charge_transaction_id) *
    from {{ ref('int_charge_transaction__signed') }}
    order by record_id, charge_transaction_id, posting_rank
),

charge as (
    select
        posted.*,
        netted.department_code,
        assigned.charge_amount as counted_amount,
        covered.payer_id_ehr,
        covered.payer_code,
        covered.covered_date
    from {{ ref('int_charge__assigned') }} as assigned
    inner join {{ ref('int_charge_transaction__netted') }} as netted
        on
            assigned.account_id = netted.account_id
            and assigned.charge_transaction_id = netted.charge_transaction_id
    inner join posted
        on
            netted.record_id = posted.record_id
            and netted.charge_transaction_id = posted.charge_transaction_id
    left join {{ ref('int_encounter__covered') }} as covered
        on assigned.encounter_id = covered.encounter_id
    where assigned.charge_source = 'dft'
),

named as (
    select
        record_id,
        'facility' as code_set,
        'ehr' as source_system,
        '*' as facility_code,
        facility_code_ehr as native_code,
        null as native_name,
        facility_code as canonical_code,
        service_date as usage_date,
        'charge' as record_kind,
        counted_amount as usage_amount
    from charge
    union all
    select
        record_id,
        'department' as code_set,
        'ehr' as source_system,
        facility_code,
        department_code_ehr as native_code,
        null as native_name,
        department_code as canonical_code,
        service_date as usage_date,
        'charge' as record_kind,
        counted_amount as usage_amount
    from charge
    union all
    select
        record_id,
        'payer' as code_set,
        'ehr' as source_system,
        facility_code,
        payer_id_ehr as native_code,
        null as native_name,
        payer_code as canonical_code,
        covered_date as usage_date,
        'charge' as record_kind,
        counted_amount as usage_amount
    from charge
    where payer_id_ehr is not null
    union all
    select
        record_id,
        'facility' as code_set,
        'ehr' as source_system,
        '*' as facility_code,
        facility_code_ehr as native_code,
        null as native_name,
        facility_code as canonical_code,
        service_date as usage_date,
        'waiting_charge' as record_kind,
        charge_amount as usage_amount
    from posted
    where facility_code = 'unmapped'
)

{{ code_usage('named') }}
