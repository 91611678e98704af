{#- What a native code means on a date: the mapping of the facility itself goes before
    the one for all facilities; a code that nobody mapped is `unmapped`. Where the date
    is one by the clocks of `facility`, it is the facility that the mapping names. -#}
{% macro crosswalked(
    code_set, source_system, native_code, on_date, facility_code=none, by_clocks=false
) -%}
coalesce(
    (
        select mapping.canonical_code
        from {{ ref('stg_reference__crosswalk') }} as mapping
        {%- if by_clocks %}
        left join {{ ref('stg_reference__facility') }} as facility
            on mapping.canonical_code = facility.facility_code
        {%- endif %}
        where
            mapping.code_set = '{{ code_set }}'
            and mapping.source_system = '{{ source_system }}'
            and mapping.native_code = {{ native_code }}
            {%- if facility_code %}
            and mapping.facility_code in ('*', {{ facility_code }})
            {%- endif %}
            and coalesce({{ on_date }}, current_date) >= mapping.valid_from
            and coalesce({{ on_date }}, current_date)
            < coalesce(mapping.valid_to, 'infinity'::date)
        order by mapping.facility_code = '*' asc, mapping.valid_from desc
        limit 1
    ),
    'unmapped'
)
{%- endmacro %}

{#- What a supplier code of the ERP means: as it is mapped, else itself where the ERP
    knows it. -#}
{% macro known_supplier(native_code, on_date) -%}
coalesce(
    nullif({{ crosswalked('supplier', 'erp', native_code, on_date) | indent }}, 'unmapped'),
    (
        select min(known.supplier_code)
        from {{ ref('stg_erp__supplier') }} as known
        where known.supplier_code = {{ native_code }}
    ),
    'unmapped'
)
{%- endmacro %}
