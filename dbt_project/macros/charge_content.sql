{#- What a charge says, as one text: charges without a number in common are the same
    when they say the same. -#}
{% macro charge_content(charge) -%}
concat_ws(
    '|',
    {{ charge }}.account_id,
    {{ charge }}.service_date,
    coalesce({{ charge }}.revenue_code, ''),
    coalesce({{ charge }}.procedure_code, ''),
    {{ charge }}.charge_amount,
    coalesce({{ charge }}.service_quantity::text, '')
)
{%- endmacro %}
