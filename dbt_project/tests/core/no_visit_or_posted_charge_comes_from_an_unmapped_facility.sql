{{ config(severity='warn') }}

-- Nobody can tell whether FHIR and claims know them already: until the crosswalk names
-- the facility, such a visit does not count in volume, and such a charge not at all.
select record_id
from {{ ref('int_visit__located') }}
where facility_code = 'unmapped'
union all
select charge.record_id
from {{ ref('stg_ehr__charge_transaction') }} as charge
where
    charge.transaction_type in ('CG', 'CD')
    and not exists (
        select 1
        from {{ ref('stg_reference__crosswalk') }} as known
        where
            known.code_set = 'facility'
            and known.source_system = 'ehr'
            and known.native_code = charge.facility_code_ehr
    )
