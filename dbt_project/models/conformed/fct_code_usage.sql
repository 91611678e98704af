with named as (
    select * from {{ ref('int_code_usage__booked') }}
    union all
    select * from {{ ref('int_code_usage__charged') }}
    union all
    select * from {{ ref('int_code_usage__paid') }}
    union all
    select * from {{ ref('int_code_usage__posted') }}
    union all
    select * from {{ ref('int_code_usage__provided') }}
    union all
    select * from {{ ref('int_code_usage__supplied') }}
    union all
    select * from {{ ref('int_code_usage__visited') }}
)

select
    code_set,
    source_system,
    facility_code,
    native_code,
    canonical_code,
    record_kind,
    max(native_name) as native_name,
    sum(record_count)::bigint as record_count,
    sum(usage_amount)::numeric(18, 2) as usage_amount,
    usage_date
from named
group by
    code_set, source_system, facility_code, native_code, canonical_code, record_kind,
    usage_date
