{#- The newest version of every resource of one type, as landed; in an increment only of
    those in its scope, where their type is tied to accounts and not only looked up. -#}
{% macro latest_record(zone, resource_type, is_looked_up=false) -%}
{%- set tied = {
    'raw_ehr': ['Encounter', 'SupplyDelivery', 'DFT'],
    'raw_billing': ['837.claim', '835.claim', '835.transaction', '277CA.claim'],
} -%}
{%- set current = source(zone, 'current_record') -%}
{%- if not is_looked_up and resource_type in tied.get(zone, []) and is_increment() -%}
select
    record.record_id,
    record.resource_id,
    record.received_at,
    record.body
from build.scope as scope
inner join {{ zone }}.record as record on scope.record_id = record.record_id
where
    scope.zone = '{{ zone }}'
    and scope.is_current
    and record.resource_type = '{{ resource_type }}'
{%- else -%}
select
    record_id,
    resource_id,
    received_at,
    body
from {{ current }}
where resource_type = '{{ resource_type }}'
{%- endif -%}
{%- endmacro %}
