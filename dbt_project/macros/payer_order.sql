{#- The place of a payer in the order of payers (SBR01): P, S, T, then A the fourth and
    so on; U, unknown, is last. -#}
{% macro payer_order(payer_sequence) -%}
coalesce(nullif(strpos('PSTABCDEFGH', {{ payer_sequence }}), 0), 12)
{%- endmacro %}
