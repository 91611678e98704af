{#- The newest version of every resource of one type, as landed. -#}
{% macro latest_record(zone, resource_type) -%}
select
    record_id,
    resource_id,
    received_at,
    body
from {{ source(zone, 'current_record') }}
where resource_type = '{{ resource_type }}'
{%- endmacro %}
