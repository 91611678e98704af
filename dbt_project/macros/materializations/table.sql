{#- An increment leaves a table of which nothing that it is made of changed, and compares
    any other with what is made now; one that holds the rows of its build alone is made
    by every build. -#}
{% materialization table, adapter='postgres' %}
    {%- if not is_increment() -%}
        {{ return(materialization_table_default()) }}
    {%- endif -%}
    {%- set relations = {'relations': [this.incorporate(type='table')]} -%}
    {%- set is_left = is_unchanged(model, sql) -%}
    {%- if is_part(model, sql) -%}
        {% call statement('outcome') -%}
            {{ note_outcome(is_part=true, is_changed=not is_left) }}
        {%- endcall %}
        {{ adapter.commit() }}
        {{ return(materialization_table_default()) }}
    {%- endif -%}
    {%- if is_left -%}
        {% call statement('main') -%}
            {{ note_outcome(is_part=false, is_changed=false) }}
        {%- endcall %}
        {{ adapter.commit() }}
        {{ return(relations) }}
    {%- endif -%}
    {% do replace_rows(sql, 'true') %}
    {{ return(relations) }}
{% endmaterialization %}

{#- A table to which rows are only ever added is added to when what it reads changed. -#}
{% materialization incremental, adapter='postgres' %}
    {%- if not is_increment() -%}
        {{ return(materialization_incremental_default()) }}
    {%- endif -%}
    {%- set is_left = is_unchanged(model, sql) -%}
    {% call statement('main') -%}
        {{ note_outcome(is_part=false, is_changed=not is_left) }}
    {%- endcall %}
    {{ adapter.commit() }}
    {%- if is_left -%}
        {{ return({'relations': [this.incorporate(type='table')]}) }}
    {%- endif -%}
    {{ return(materialization_incremental_default()) }}
{% endmaterialization %}

{#- A test of what did not change passed when that was made. One that warns does not
    make the next build full, and is told by every build. -#}
{% materialization test, adapter='postgres' %}
    {%- if (
        not is_increment()
        or config.get('severity', 'ERROR') | lower == 'warn'
        or not is_unchanged(model, sql)
    ) -%}
        {{ return(materialization_test_default()) }}
    {%- endif -%}
    {% call statement('main', fetch_result=True) -%}
        select 0 as failures, false as should_warn, false as should_error
    {%- endcall %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
