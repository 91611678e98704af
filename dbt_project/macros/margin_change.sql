{#- Which mix a case belongs to: stays by DRG, other visits by class. -#}
{% macro case_group(encounter) -%}
coalesce({{ encounter }}.ms_drg, {{ encounter }}.encounter_class_code, 'none')
{%- endmacro %}

{#- Measures of each month beside those of the month before (`prior_`), 0 where there is
    none, in the months of the facilities of `compared`.

    key: columns beside service_month and facility_code
    measures: expressions over the columns of `told`, by name -#}
{% macro beside_prior_month(relation, key, measures) -%}
select
    compared.service_month,
    compared.facility_code,
    {%- for column in key %}
    told.{{ column }},
    {%- endfor %}
    {%- for name, expression in measures.items() %}
    sum(case when turn.months = 0 then {{ expression }} else 0 end) as {{ name }},
    sum(case when turn.months = 1 then {{ expression }} else 0 end) as prior_{{ name }}
    {{- '' if loop.last else ',' }}
    {%- endfor %}
from {{ relation }} as told
cross join (values (0), (1)) as turn (months)
inner join compared
    on
        told.facility_code = compared.facility_code
        and (told.service_month + turn.months * interval '1 month')::date
        = compared.service_month
group by
    compared.service_month,
    compared.facility_code
    {%- for column in key -%}
    ,
    told.{{ column }}
    {%- endfor %}
{%- endmacro %}

{#- What the cases of a month would have brought in, had each brought what cases of the
    month before did on average; what was not there then counts as it does now. -#}
{% macro at_prior_average(measure, partition=none) -%}
{%- set sum = 'sum(' if partition else '' -%}
{%- set all = ') over ' ~ partition if partition else '' -%}
case
    when {{ sum }}cell.prior_cases{{ all }} > 0
        then
            cell.cases * {{ sum }}cell.prior_{{ measure }}{{ all }}
            / {{ sum }}cell.prior_cases{{ all }}
    else cell.{{ measure }}
end
{%- endmacro %}

{#- Effects of which a change of margin consists, in the order in which factors take
    their new value; a line that is new or gone is told as a whole. -#}
{% macro margin_effects() -%}
{{ return([
    'restatement', 'new_service_line', 'vanished_service_line', 'without_volume',
    'volume', 'case_mix', 'payer_mix', 'rate', 'usage', 'cost_price', 'allocation',
]) }}
{%- endmacro %}

{#- The months of every facility that have a month before. -#}
{% macro months_with_prior(mart) -%}
select distinct
    mart.service_month,
    mart.facility_code
from {{ mart }} as mart
inner join {{ mart }} as earlier
    on
        mart.facility_code = earlier.facility_code
        and earlier.service_month = (mart.service_month - interval '1 month')::date
{%- endmacro %}
