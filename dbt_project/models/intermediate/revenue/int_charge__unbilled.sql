{{ config(
    materialized='kept',
    replaces=of_scope('raw_ehr'),
    indexes=[{'columns': ['account_id', 'service_month'], 'unique': true}],
) }}

-- What the EHR posted and no claim bills yet, by account and month.
select
    account_id,
    min(record_id) as record_id,
    max(encounter_id) as encounter_id,
    max(facility_code) as facility_code,
    max(service_line_code) as service_line_code,
    max(payer_key::text)::uuid as payer_key,
    max(payer_code) as payer_code,
    max(payer_class) as payer_class,
    bool_or(is_adjudicated) as is_adjudicated,
    sum(charge_amount) as gross_charge_amount,
    coalesce(sum(charge_amount) filter (where not is_adjudicated), 0.00)
        as unanswered_amount,
    service_month
from {{ ref('int_charge__assigned') }}
where not is_billed
group by account_id, service_month
