{{ config(indexes=[{'columns': ['encounter_id'], 'unique': true}]) }}
{%- set covered_on = 'coalesce(encounter.start_date, encounter.service_month)' %}

-- Who pays, as the EHR knows it, until a claim or a payment says so: of the coverages
-- of the day one in force goes first, then the first in order, then the newest.
with covered as (
    select distinct on (encounter.encounter_id)
        encounter.encounter_id,
        encounter.account_id,
        encounter.facility_code,
        coverage.payer_id_ehr,
        {{ covered_on }} as covered_date
    from {{ ref('int_encounter__united') }} as encounter
    inner join {{ ref('stg_ehr__coverage') }} as coverage
        on
            encounter.patient_id_ehr = coverage.patient_id_ehr
            and {{ covered_on }}
            between coalesce(coverage.from_date, '-infinity')
            and coalesce(coverage.through_date, 'infinity')
    left join {{ ref('int_account__billed') }} as account
        on encounter.account_id = account.account_id
    where
        account.payer_code is null
        and coverage.coverage_status not in ('draft', 'entered-in-error')
        and coverage.payer_id_ehr is not null
    order by
        encounter.encounter_id asc,
        coverage.coverage_status = 'active' desc,
        coverage.coverage_order asc nulls last,
        coverage.from_date desc nulls last,
        coverage.coverage_id asc
)

select
    covered.encounter_id,
    covered.account_id,
    covered.facility_code,
    covered.payer_id_ehr,
    {{ crosswalked(
        'payer', 'ehr', 'covered.payer_id_ehr', 'covered.covered_date',
        'covered.facility_code'
    ) }} as payer_code,
    covered.covered_date
from covered
