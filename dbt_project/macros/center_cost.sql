{#- Whether a ledger entry is cost of a cost center that its usage does not tell: supplies
    that we issued ourselves are costed where they were used. -#}
{% macro is_center_cost(entry) -%}
(
    {{ entry }}.account_class in ('labor', 'other_direct')
    or (
        {{ entry }}.account_class = 'supply_expense'
        and coalesce({{ entry }}.external_reference, '') = ''
    )
)
{%- endmacro %}
