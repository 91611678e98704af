{{ config(
    materialized='kept',
    replaces=of_scope('raw_ehr'),
    indexes=[{'columns': ['account_id', 'service_month'], 'unique': true}],
) }}

-- What the EHR posted and no claim bills yet, by account and month, with what a
-- contract says of it: without a case to price, only one on a share of charges does.
with unbilled as (
    select
        account_id,
        min(record_id) as record_id,
        max(encounter_id) as encounter_id,
        max(facility_code) as facility_code,
        max(service_line_code) as service_line_code,
        max(payer_key::text)::uuid as payer_key,
        max(payer_code) as payer_code,
        max(payer_class) as payer_class,
        case when bool_or(is_inpatient) then 'inpatient' else 'outpatient' end
            as setting,
        sum(charge_amount) as gross_charge_amount,
        service_month
    from {{ ref('int_charge__assigned') }}
    where not is_billed
    group by account_id, service_month
)

select distinct on (unbilled.account_id, unbilled.service_month)
    unbilled.*,
    case when terms.basis = 'percent_of_charge' then terms.contract_code end
        as contract_code,
    case
        when terms.basis = 'percent_of_charge'
            then unbilled.gross_charge_amount * least(terms.rate, terms.charge_cap_rate)
    end::numeric(18, 2) as contract_amount
from unbilled
left join {{ ref('stg_reference__payer_contract') }} as terms
    on
        {{ are_terms_of('unbilled', 'unbilled.setting', 'unbilled.service_month')
            | indent }}
order by
    unbilled.account_id asc, unbilled.service_month asc, {{ nearest_terms() }}
