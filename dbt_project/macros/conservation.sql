{#- Sums that the conservation tests compare from layer to layer. -#}

{#- A column's total; 0 where there is no row. -#}
{% macro total_of(column, relation, where='true') -%}
(
    select coalesce(sum({{ column }}), 0)
    from {{ relation }}
    where {{ where }}
)
{%- endmacro %}

{#- The money that a layer says remittances moved, as rows of measure_name and amount. -#}
{% macro remittance_totals(payment, adjustment, provider_adjustment) -%}
select
    measure.measure_name,
    measure.amount
from (
    values
    ('paid', {{ total_of('paid_amount', payment) | indent }}),
    ('adjusted', {{ total_of('adjustment_amount', adjustment) | indent }}),
    (
        'provider adjusted',
        {{ total_of('adjustment_amount', provider_adjustment) | indent(8) }}
    )
) as measure (measure_name, amount)
{%- endmacro %}

{#- The facilities and months whose totals in two relations differ. Each side is a
    relation with facility_code, service_month and the given column. -#}
{% macro differing_months(one, other) -%}
select
    facility_code,
    service_month,
    sum(one_amount) as {{ one }}_amount,
    sum(other_amount) as {{ other }}_amount
from (
    select
        facility_code,
        service_month,
        amount as one_amount,
        0 as other_amount
    from {{ one }}
    union all
    select
        facility_code,
        service_month,
        0 as one_amount,
        amount as other_amount
    from {{ other }}
) as compared
group by facility_code, service_month
having sum(one_amount) <> sum(other_amount)
{%- endmacro %}
