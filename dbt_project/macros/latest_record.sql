{#- The newest version of every resource of one type, as landed. -#}
{% macro latest_record(zone, resource_type) -%}
select distinct on (resource_id)
    record_id,
    resource_id,
    received_at,
    body
from {{ source(zone, 'record') }}
where resource_type = '{{ resource_type }}'
order by resource_id, record_id desc
{%- endmacro %}
