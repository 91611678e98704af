{#- The shape of every `int_code_usage__*`: what each record of `named` names, by code,
    meaning and day. -#}
{% macro code_usage(named) -%}
select
    record_id,
    code_set,
    source_system,
    facility_code,
    native_code,
    max(native_name) as native_name,
    canonical_code,
    usage_date,
    record_kind,
    count(*) as record_count,
    sum(usage_amount)::numeric(18, 2) as usage_amount
from {{ named }}
where coalesce(native_code, 'unmapped') <> 'unmapped'
group by
    record_id, code_set, source_system, facility_code, native_code, canonical_code,
    usage_date, record_kind
{%- endmacro %}
