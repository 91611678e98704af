{#- Whether the terms of a contract (`terms`) hold for charges of a payer and facility in a
    setting on a day. -#}
{% macro are_terms_of(charged, setting, day) -%}
{{ charged }}.payer_code = terms.payer_code
and terms.facility_code in ('*', {{ charged }}.facility_code)
and {{ setting }} = terms.setting
and {{ day }} >= terms.valid_from
and {{ day }} < coalesce(terms.valid_to, 'infinity'::date)
{%- endmacro %}

{#- Of several terms, the facility's own come before those of all, then the newest. -#}
{% macro nearest_terms() -%}
terms.facility_code = '*' asc, terms.valid_from desc
{%- endmacro %}
