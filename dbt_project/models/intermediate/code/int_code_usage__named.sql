{{ config(
    materialized='kept',
    replaces=of_scope_by('raw_schema', 'raw_ehr'),
    indexes=[{'columns': ['record_id']}],
) }}

-- The codes that records of accounts name, with the lot by whose item a supply may be
-- called.
{%- set schemas = {
    'charged': "'raw_billing'",
    'paid': "'raw_billing'",
    'posted': "'raw_ehr'",
    'provided': "case source_system when 'ehr' then 'raw_ehr' else 'raw_billing' end",
    'supplied': "'raw_ehr'",
    'visited': "'raw_ehr'",
} %}
with named as (
    {%- for name, raw_schema in schemas.items() %}
    {{ 'union all' if not loop.first }}
    select
        {{ raw_schema }} as raw_schema,
        record_id,
        code_set,
        source_system,
        facility_code,
        native_code,
        native_name,
        canonical_code,
        usage_date,
        record_kind,
        record_count,
        usage_amount
    from {{ ref('int_code_usage__' ~ name) }}
    {%- endfor %}
)

select
    named.*,
    delivery.lot_number
from named
left join {{ ref('stg_ehr__supply_delivery') }} as delivery
    on named.record_id = delivery.record_id and named.record_kind = 'supply_usage'
