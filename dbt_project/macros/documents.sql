{#- Readings of landed documents: FHIR resources and ERP rows. -#}

{#- A JSON array, or an empty one where the element is absent or has another shape. -#}
{% macro items(json) -%}
case when jsonb_typeof({{ json }}) = 'array' then {{ json }} else '[]'::jsonb end
{%- endmacro %}

{#- The id that a FHIR reference names, whatever its form: relative, absolute, urn,
    conditional, or by identifier only. -#}
{% macro reference_id(json) -%}
coalesce(
    substring(
        {{ json }} ->> 'reference'
        from '(?:^|[/:|])([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$'
    ),
    {{ json }} -> 'identifier' ->> 'value'
)
{%- endmacro %}

{#- A field of an ERP row, nested ({"move": {"number": …}}) or dotted. -#}
{% macro erp_field(path) -%}
{%- if '.' in path -%}
coalesce(body #>> '{ {{- path | replace(".", ",") -}} }', body ->> '{{ path }}')
{%- else -%}
(body ->> '{{ path }}')
{%- endif -%}
{%- endmacro %}
