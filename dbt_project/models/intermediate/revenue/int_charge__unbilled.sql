{{ config(
    materialized='kept',
    replaces=of_scope('raw_ehr'),
    indexes=[{'columns': ['account_id', 'service_month'], 'unique': true}],
) }}

-- What the EHR posted and no claim bills yet, by account and month. Without a bill a
-- contract prices it where it pays a share of each charge.
with charge as (
    select
        *,
        case when is_inpatient then 'inpatient' else 'outpatient' end as setting
    from {{ ref('int_charge__assigned') }}
    where not is_billed
)

select
    charge.account_id,
    min(charge.record_id) as record_id,
    max(charge.encounter_id) as encounter_id,
    max(charge.facility_code) as facility_code,
    max(charge.service_line_code) as service_line_code,
    max(charge.payer_key::text)::uuid as payer_key,
    max(charge.payer_code) as payer_code,
    max(charge.payer_class) as payer_class,
    max(charge.setting) as setting,
    max(terms.contract_code) as contract_code,
    case
        when bool_and(terms.contract_code is not null)
            then sum(round(charge.charge_amount * terms.rate, 2))
    end as contract_amount,
    bool_or(charge.is_adjudicated) as is_adjudicated,
    sum(charge.charge_amount) as gross_charge_amount,
    coalesce(sum(charge.charge_amount) filter (where not charge.is_adjudicated), 0.00)
        as unanswered_amount,
    charge.service_month
from charge
left join lateral (
    select
        agreed.contract_code,
        least(agreed.rate, agreed.charge_cap_rate) as rate
    from {{ ref('stg_reference__payer_contract') }} as agreed
    where
        agreed.payer_code = charge.payer_code
        and agreed.facility_code in ('*', charge.facility_code)
        and agreed.setting = charge.setting
        and agreed.basis = 'percent_of_charge'
        and {{ holds_on('agreed', 'charge.service_date') | indent(8) }}
    order by agreed.facility_code = '*' asc, agreed.valid_from desc
    limit 1
) as terms on true
group by charge.account_id, charge.service_month
