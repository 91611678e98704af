{#- Readings of landed documents: FHIR resources and ERP rows. -#}

{#- The elements of a JSON array, as column `value`; none where the array is absent or
    something else. -#}
{% macro elements(json) -%}
jsonb_array_elements(
    case when jsonb_typeof({{ json }}) = 'array' then {{ json }} else '[]'::jsonb end
)
{%- endmacro %}

{#- The same with the position of each, from 1, as column `ordinality`. -#}
{% macro numbered_elements(json) -%}
{{ elements(json) }} with ordinality
{%- endmacro %}

{#- The id that a FHIR reference names, whatever its form: relative, absolute, urn,
    conditional, or by identifier only. A contained resource has none. -#}
{% macro reference_id(json) -%}
coalesce(
    case
        when {{ json }} ->> 'reference' not like '#%'
            then split_part(
                translate(
                    split_part({{ json }} ->> 'reference', '/_history/', 1), ':|', '//'
                ),
                '/',
                -1
            )
    end,
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

{#- The quantity that the extensions of a FHIR resource give under one name, else 0. -#}
{% macro extended_quantity(extensions, name) -%}
coalesce(
    (
        select max({{ as_number("(link.value -> 'valueQuantity' ->> 'value')") }})
        from {{ elements(extensions) }} as link
        where link.value ->> 'url' ~ '[/:]{{ name }}$'
    ),
    0
)::numeric(18, 4)
{%- endmacro %}
