{{ config(
    materialized='kept',
    replaces=of_scope_of_zone(),
    indexes=[{'columns': ['record_id']}],
) }}

-- The codes that records of accounts name, with the lot by whose item a supply may be
-- called.
select
    'raw_billing' as zone,
    charged.*,
    null as lot_number
from {{ ref('int_code_usage__charged') }} as charged
union all
select
    'raw_billing' as zone,
    paid.*,
    null as lot_number
from {{ ref('int_code_usage__paid') }} as paid
union all
select
    'raw_ehr' as zone,
    posted.*,
    null as lot_number
from {{ ref('int_code_usage__posted') }} as posted
union all
select
    case provided.source_system when 'ehr' then 'raw_ehr' else 'raw_billing' end as zone,
    provided.*,
    null as lot_number
from {{ ref('int_code_usage__provided') }} as provided
union all
select
    'raw_ehr' as zone,
    supplied.*,
    delivery.lot_number
from {{ ref('int_code_usage__supplied') }} as supplied
inner join {{ ref('stg_ehr__supply_delivery') }} as delivery
    on supplied.record_id = delivery.record_id
union all
select
    'raw_ehr' as zone,
    visited.*,
    null as lot_number
from {{ ref('int_code_usage__visited') }} as visited
