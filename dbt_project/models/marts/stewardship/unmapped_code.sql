select
    code_set,
    source_system,
    facility_code,
    native_code,
    max(native_name) as native_name,
    min(usage_date) as first_seen_date,
    max(usage_date) as last_seen_date,
    sum(record_count)::bigint as record_count,
    sum(abs(usage_amount))::numeric(18, 2) as touched_amount
from {{ ref('fct_code_usage') }}
where canonical_code = 'unmapped'
group by code_set, source_system, facility_code, native_code
