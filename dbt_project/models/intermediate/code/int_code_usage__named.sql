{{ config(
    materialized='kept',
    replaces=of_scope_of_zone(),
    indexes=[{'columns': ['record_id']}],
) }}

-- The codes that records of accounts name, with the lot by whose item a supply may be
-- called.
select
    'raw_billing' as raw_schema,
    charged.record_id,
    charged.code_set,
    charged.source_system,
    charged.facility_code,
    charged.native_code,
    charged.native_name,
    charged.canonical_code,
    charged.usage_date,
    charged.record_kind,
    charged.record_count,
    charged.usage_amount,
    null::text as lot_number
from {{ ref('int_code_usage__charged') }} as charged
union all
select
    'raw_billing' as raw_schema,
    paid.record_id,
    paid.code_set,
    paid.source_system,
    paid.facility_code,
    paid.native_code,
    paid.native_name,
    paid.canonical_code,
    paid.usage_date,
    paid.record_kind,
    paid.record_count,
    paid.usage_amount,
    null::text as lot_number
from {{ ref('int_code_usage__paid') }} as paid
union all
select
    'raw_ehr' as raw_schema,
    posted.record_id,
    posted.code_set,
    posted.source_system,
    posted.facility_code,
    posted.native_code,
    posted.native_name,
    posted.canonical_code,
    posted.usage_date,
    posted.record_kind,
    posted.record_count,
    posted.usage_amount,
    null::text as lot_number
from {{ ref('int_code_usage__posted') }} as posted
union all
select
    case provided.source_system
        when 'ehr' then 'raw_ehr' else 'raw_billing'
    end as raw_schema,
    provided.record_id,
    provided.code_set,
    provided.source_system,
    provided.facility_code,
    provided.native_code,
    provided.native_name,
    provided.canonical_code,
    provided.usage_date,
    provided.record_kind,
    provided.record_count,
    provided.usage_amount,
    null::text as lot_number
from {{ ref('int_code_usage__provided') }} as provided
union all
select
    'raw_ehr' as raw_schema,
    supplied.record_id,
    supplied.code_set,
    supplied.source_system,
    supplied.facility_code,
    supplied.native_code,
    supplied.native_name,
    supplied.canonical_code,
    supplied.usage_date,
    supplied.record_kind,
    supplied.record_count,
    supplied.usage_amount,
    delivery.lot_number
from {{ ref('int_code_usage__supplied') }} as supplied
inner join {{ ref('stg_ehr__supply_delivery') }} as delivery
    on supplied.record_id = delivery.record_id
union all
select
    'raw_ehr' as raw_schema,
    visited.record_id,
    visited.code_set,
    visited.source_system,
    visited.facility_code,
    visited.native_code,
    visited.native_name,
    visited.canonical_code,
    visited.usage_date,
    visited.record_kind,
    visited.record_count,
    visited.usage_amount,
    null::text as lot_number
from {{ ref('int_code_usage__visited') }} as visited
