{#- What an increment makes of what did not change is what is there: it is left. A node is
    unchanged when all that it is made of is: reference tables and seeds ask for a full
    build when they change, build.news names the kinds of records and the day, and every
    relation tells in build.outcome whether any of its rows came or went. -#}

{#- Whether what the node reads says the same as after the build before. -#}
{% macro is_unchanged(node, sql) -%}
{%- set standing = standing_of_nodes() -%}
{%- set found = namespace(is_unchanged=not is_told_by_no_input(sql, standing)) -%}
{%- for parent in node.depends_on.nodes if found.is_unchanged -%}
    {%- set kind = parent.split('.') | first -%}
    {%- if kind == 'model' -%}
        {%- set found.is_unchanged = standing.get(parent, {'is_changed': true}).is_changed is false -%}
    {%- elif kind == 'source' -%}
        {%- set found.is_unchanged = not has_news(parent, sql, standing) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(found.is_unchanged) }}
{%- endmacro %}

{#- Whether a table holds what its build looked at, and nothing else. -#}
{% macro is_part(node, sql) -%}
{{ return(
    modules.re.search('build\\.touched\\b', sql) is not none or reads_parts(node, sql)
) }}
{%- endmacro %}

{#- Whether a node reads the records of the scope, or what was made of them. -#}
{% macro reads_parts(node, sql) -%}
{%- set standing = standing_of_nodes() -%}
{%- set parts = standing.values() | selectattr('is_part') | map(attribute='name') -%}
{{ return(
    modules.re.search('build\\.scope\\b|"build"\\.', sql) is not none
    or node.depends_on.nodes | select('in', parts | list) | list | length > 0
) }}
{%- endmacro %}

{#- What an increment has found so far, by name: of nodes, and of kinds of records. -#}
{% macro standing_of_nodes() -%}
{%- set found = {} -%}
{%- set query -%}
select node, is_part, is_changed from build.outcome
union all
select zone || '.' || kind, false, true from build.news
{%- endset -%}
{%- for row in run_query(query).rows -%}
    {%- do found.update(
        {row[0]: {'name': row[0], 'is_part': row[1], 'is_changed': row[2]}}
    ) -%}
{%- endfor -%}
{{ return(found) }}
{%- endmacro %}

{#- Whether SQL says another thing although no input does: on another day, after a
    publication, or after a posting. -#}
{% macro is_told_by_no_input(sql, standing) -%}
{{ return(
    modules.re.search(
        'build\\.(published_margin|requisition_asked|stock_issued)\\b', sql
    ) is not none
    or (
        'clock.day' in standing
        and modules.re.search(
            '(?i)\\b(current_date|current_timestamp|localtimestamp|now|\\w+_timestamp)\\b',
            sql
        ) is not none
    )
) }}
{%- endmacro %}

{#- Whether something is new of what is read of a source: of records, the types named.
    Of a source that nobody watches there always may be. -#}
{% macro has_news(source, sql, standing) -%}
{%- set zone, relation = source.split('.')[-2:] -%}
{%- if zone == 'reference' -%}{{ return(false) }}{%- endif -%}
{%- if relation not in ['current_record', 'record', 'sighting', 'vanishing'] -%}
    {%- set watched = ['folded_visit', 'folded_appointment', 'redirect'] -%}
    {{ return(relation not in watched or zone ~ '.' ~ relation in standing) }}
{%- endif -%}
{%- set types = modules.re.findall("resource_type = '([^']+)'", sql) -%}
{%- for name in standing if name.startswith(zone ~ '.') -%}
    {%- if not types or name[zone | length + 1:] in types -%}{{ return(true) }}{%- endif -%}
{%- endfor -%}
{{ return(false) }}
{%- endmacro %}

{#- Note what became of the node; once it has changed in a build it stays so, also when
    a stage is tried again. -#}
{% macro note_outcome(is_part, is_changed) -%}
insert into build.outcome (node, is_part, is_changed)
values ('{{ model.unique_id }}', {{ is_part }}, {{ is_changed }})
on conflict (node) do update
set is_changed = outcome.is_changed or excluded.is_changed
{%- endmacro %}
