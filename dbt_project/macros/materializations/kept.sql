{#- A table that keeps its rows from build to build. A full build makes it anew; an
    increment makes the rows that `replaces` picks (a condition on the columns) again,
    and of these only those that differ are deleted and inserted. What changed is noted
    in build.touched, for the relations that sum it up. Where nothing it is made of
    changed, it is left. -#}
{% materialization kept, adapter='postgres' %}
    {%- set replaces = config.require('replaces') -%}
    {%- if not is_increment() -%}
        {{ return(materialization_table_default()) }}
    {%- endif -%}
    {%- set is_tied = reads_parts(model, sql ~ replaces) and not is_scope_empty() -%}
    {%- if not is_tied and is_unchanged(model, sql) -%}
        {% call statement('main') -%}
            drop table if exists {{ made(this) }};
            create table {{ made(this) }} (like {{ this }});
            {{ note_outcome(is_part=false, is_changed=false) }}
        {%- endcall %}
        {{ adapter.commit() }}
        {{ return({'relations': [this]}) }}
    {%- endif -%}
    {% do replace_rows(sql, replaces) %}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{#- Make the rows and let those that differ take the place of those that were there. No
    hook is run: the only one is ANALYZE, and what the full build found of a table holds
    until autovacuum finds it changed. -#}
{% macro replace_rows(sql, replaces) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set columns = adapter.get_columns_in_relation(target)
        | map(attribute='quoted') | join(', ') -%}
    {%- set rows = api.Relation.create(
        database=this.database, schema='build', identifier=this.identifier, type='table'
    ) -%}

    {% call statement('drop') -%}
        drop table if exists {{ rows }}
    {%- endcall %}
    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, rows, sql) }}
    {%- endcall %}
    {% call statement('replace') -%}
        analyze {{ rows }};
        create temporary table differing on commit drop as
        select
            {{ columns }},
            sum(difference) as difference,
            min(place) as place
        from (
            select {{ columns }}, 1 as difference, null::tid as place
            from {{ rows }}
            union all
            select {{ columns }}, -1 as difference, kept.ctid as place
            from {{ target }} as kept
            where {{ replaces }}
        ) as compared
        group by {{ columns }}
        having sum(difference) <> 0;
        with gone as (
            delete from {{ target }} as kept
            where
                kept.ctid = any(array(
                    select differing.place from differing where differing.difference < 0
                ))
            returning kept.*
        )
        {{ note_touched('gone') }};
        select build.delete_alike($${{ target }}$$, $${{ columns }}$$);
        with come as (
            insert into {{ target }} ({{ columns }})
            select {{ columns }}
            from differing
            cross join lateral generate_series(1, differing.difference)
            where differing.difference > 0
            returning *
        )
        {{ note_touched('come') }};
        select build.analyze_touched();
        {{ note_outcome(
            is_part=false, is_changed='(select exists (select from differing))'
        ) }};
        {%- if config.get('materialized') != 'kept' %}
        drop table {{ rows }};
        {%- endif %}
    {%- endcall %}
    {{ adapter.commit() }}
{%- endmacro %}

{#- Note where rows changed, as far as the relation's columns tell; of `touches` (a
    condition on them) only such as a sum over the relation adds up. -#}
{% macro note_touched(rows) -%}
{%- set known = model.columns -%}
{%- set days = ['service_month', 'posting_date', 'usage_date'] -%}
{%- set day = days | select('in', known) | first -%}
insert into build.touched (relation, facility_code, day, encounter_id, claim_id)
select distinct
    '{{ this.identifier }}',
    {{ 'facility_code' if 'facility_code' in known else 'null' }},
    {{ "coalesce(" ~ day ~ ", '-infinity')" if day else 'null::date' }},
    {{ 'encounter_id' if 'encounter_id' in known else 'null' }},
    {{ 'claim_id' if 'claim_id' in known else 'null' }}
from {{ rows }}
where {{ config.get('touches', 'true') }}
{%- endmacro %}

{#- A generic test asks the rows of a kept relation that this build made: the others
    passed when they were made. -#}
{% macro get_where_subquery(relation) -%}
{{ return(default__get_where_subquery(rows_to_test(relation))) }}
{%- endmacro %}

{#- A singular test as well, unless it says `meta.asks: whole`. The linter of the SQL
    has no builtins. -#}
{% macro ref() -%}
{%- if builtins is not defined -%}{{ return(varargs | last) }}{%- endif -%}
{%- set relation = builtins.ref(*varargs, **kwargs) -%}
{%- if
    execute
    and model.resource_type == 'test'
    and model.test_metadata is not defined
    and model.config.meta.get('asks') != 'whole'
-%}
{{ return(rows_to_test(relation)) }}
{%- endif -%}
{{ return(relation) }}
{%- endmacro %}

{% macro rows_to_test(relation) -%}
{%- if not execute -%}{{ return(relation) }}{%- endif -%}
{%- set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ relation.identifier) -%}
{%- if node is none or node.config.materialized != 'kept' -%}
{{ return(relation) }}
{%- endif -%}
{{ return(made(relation)) }}
{%- endmacro %}
