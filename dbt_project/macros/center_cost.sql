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

{#- What varies of the cost of some accounts: supplies as a whole, others by the share
    that holds on the last day of the month, a version's own before what counts. -#}
{% macro variable_cents(cost, cost_model_code) -%}
round(
    sum(
        {{ cost }}.cost_cents
        * case
            when {{ cost }}.cost_component in ('supply', 'implant', 'drug') then 1
            else coalesce(
                (
                    select rate.variable_rate
                    from {{ ref('stg_reference__variable_rate') }} as rate
                    where
                        rate.account_code = {{ cost }}.account_code
                        and rate.cost_model_code in ('', {{ cost_model_code }})
                        and {{ holds_on('rate', month_end(cost ~ '.service_month')) | indent(24) }}
                    order by rate.cost_model_code = '' asc
                    limit 1
                ),
                (
                    select account.variable_rate
                    from {{ ref('stg_reference__account') }} as account
                    where account.account_code = {{ cost }}.account_code
                ),
                0
            )
        end
    )
)::bigint
{%- endmacro %}

{#- The cost center of a cost, as the month's last day finds it. One of overhead that
    another facility has taken over by then serves nobody here. -#}
{% macro join_center_of_month(cost) -%}
left join {{ ref('stg_reference__cost_center') }} as center
    on
        {{ cost }}.cost_center_code = center.cost_center_code
        and {{ holds_on('center', month_end(cost ~ '.service_month')) | indent(8) }}
        and (
            center.cost_center_kind <> 'overhead'
            or center.facility_code = {{ cost }}.facility_code
        )
{%- endmacro %}
