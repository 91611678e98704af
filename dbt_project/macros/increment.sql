{#- An increment builds again what its scope (schema `build`) names. Staging and
    intermediate tables then hold these rows only; a relation that is `kept` holds every
    row, and the rows that an increment made of it are in schema `build` as well. -#}

{#- Whether the running build is an increment. -#}
{% macro is_increment() -%}
{%- if not execute -%}{{ return(false) }}{%- endif -%}
{%- set found = run_query('select is_increment from build.state') -%}
{{ return(found.rows[0][0]) }}
{%- endmacro %}

{#- Whether it looks at no record at all: nothing changed that is tied to accounts. -#}
{% macro is_scope_empty() -%}
{%- set found = run_query('select not exists (select from build.scope)') -%}
{{ return(found.rows[0][0]) }}
{%- endmacro %}

{#- The rows of a kept relation that this build made. -#}
{% macro made(relation) -%}
{%- if is_increment() -%}
{{ return(api.Relation.create(schema='build', identifier=relation.identifier)) }}
{%- endif -%}
{{ return(relation) }}
{%- endmacro %}

{#- The rows of a relation for which a condition on its own columns holds; in a full
    build all of them. -#}
{% macro within(relation, condition, alias='kept') -%}
{%- if is_increment() -%}
(select * from {{ relation }} where {{ condition }}) as {{ alias }}
{%- elif alias == 'kept' -%}
{{ relation }}
{%- else -%}
{{ relation }} as {{ alias }}
{%- endif -%}
{%- endmacro %}

{#- Conditions on the rows of a kept relation. -#}

{#- Rows made from records of the scope. -#}
{% macro of_scope(zone, record_id='record_id') -%}
{{ record_id }} in (
    select scope.record_id from build.scope as scope where scope.zone = '{{ zone }}'
)
{%- endmacro %}

{#- The same where a column tells which of the two systems the record is from. -#}
{% macro of_scope_by(column, ehr_value) -%}
case {{ column }}
    when '{{ ehr_value }}' then {{ of_scope('raw_ehr') }}
    else {{ of_scope('raw_billing') }}
end
{%- endmacro %}

{#- Rows of a facility and day (or month) in which one of the relations changed. -#}
{% macro of_touched_days(relations, day='service_month') -%}
(facility_code, coalesce({{ day }}, '-infinity')) in (
    select touched.facility_code, touched.day
    from build.touched as touched
    where touched.relation in ('{{ relations | join("', '") }}')
)
{%- endmacro %}

{#- Rows of a month in which one of the relations changed, of whatever facility. -#}
{% macro of_touched_months(relations) -%}
coalesce(service_month, '-infinity') in (
    select touched.day
    from build.touched as touched
    where touched.relation in ('{{ relations | join("', '") }}')
)
{%- endmacro %}

{#- Every row, where one of the relations changed at all: the rows name what they look up
    there by no column that is noted. -#}
{% macro any_touched(relations) -%}
exists (
    select from build.touched as touched
    where touched.relation in ('{{ relations | join("', '") }}')
)
{%- endmacro %}

{#- Rows of a facility and month in which one of the relations changed, or of which an
    account was looked at: what an encounter is a case of holds in all of its months. -#}
{% macro of_touched_cases(relations) -%}
(facility_code, coalesce(service_month, '-infinity')) in (
    select touched.facility_code, touched.day
    from build.touched as touched
    where touched.relation in ('{{ relations | join("', '") }}')
    {%- for made in [
        'fct_charge', 'fct_claim', 'fct_remittance_adjustment',
        'int_supply_usage__costed'
    ] %}
    union all
    select facility_code, coalesce(service_month, '-infinity') from build.{{ made }}
    {%- endfor %}
)
{%- endmacro %}

{#- Rows of an encounter of which one of the relations changed. -#}
{% macro of_touched_encounters(relations) -%}
{{ _of_touched('encounter_id', relations) }}
{%- endmacro %}

{#- Rows of a claim of which one of the relations changed. -#}
{% macro of_touched_claims(relations) -%}
{{ _of_touched('claim_id', relations) }}
{%- endmacro %}

{% macro _of_touched(column, relations) -%}
{{ column }} in (
    select touched.{{ column }}
    from build.touched as touched
    where touched.relation in ('{{ relations | join("', '") }}')
)
{%- endmacro %}

{#- Rows of a facility and month whose cost is shared out again. -#}
{% macro of_costed_months() -%}
{{ of_touched_days(['int_charge__weighed', 'int_cost_pool__assembled']) }}
{%- endmacro %}

{#- Costs of such a month; the cost of supplies changes with their usage only. -#}
{% macro of_costs() -%}
case cost_method
    when 'actual' then {{ of_touched_days(['int_supply_usage__costed']) }}
    else {{ of_costed_months() }}
end
{%- endmacro %}

{#- What claims should bring of which an input changed; yields follow every claim that
    matures. -#}
{% macro of_expectations() -%}
(
    {{ of_touched_claims(['fct_claim', 'fct_remittance_adjustment', 'int_claim__priced']) }}
    or claim_id is null
    or expectation_method not in ('contract', 'capitation')
)
{%- endmacro %}

{#- Exceptions of such costs; those of centers and rules are told anew by every build. -#}
{% macro of_exceptions() -%}
case cost_method
    when 'actual' then {{ of_touched_days(['int_supply_usage__costed']) }}
    when 'allocation' then true
    when 'reclassification' then true
    else {{ of_costed_months() }}
end
{%- endmacro %}
