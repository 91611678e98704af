{#- Systems write one account or visit number in small letters or in capitals (X12 may
    know only these), with blanks or without. Leading zeros tell numbers apart. -#}
{% macro number_text(account_number) -%}
upper(btrim({{ account_number }}))
{%- endmacro %}

{#- The account number of a facility that is left after all merges of accounts. -#}
{% macro surviving_account(facility_code, account_number) -%}
coalesce(
    (
        select redirect.surviving_account_number
        from {{ ref('int_account__redirected') }} as redirect
        where
            redirect.facility_code = {{ facility_code }}
            and redirect.account_number = {{ number_text(account_number) }}
    ),
    {{ number_text(account_number) }}
)
{%- endmacro %}
