{{ config(severity='warn') }}

-- Nobody can tell whether FHIR and claims know them already: until the crosswalk names
-- the facility, such a visit does not count in volume, and such a charge not at all.
select record_id
from {{ ref('int_visit__located') }}
where facility_code = 'unmapped'
union all
select record_id
from {{ ref('int_charge_transaction__signed') }}
where facility_code = 'unmapped'
