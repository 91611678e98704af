{#- Dimensions keep what was true when: a row a code and period, `valid_to` exclusive.
    What was known first is taken to have held before, so that every day has a row. -#}

{#- The first day of what nobody says a beginning of. -#}
{% macro since_ever() -%}
'1900-01-01'::date
{%- endmacro %}

{#- Whether a dated row holds on a day; of an unknown day, today. -#}
{% macro holds_on(row, day) -%}
coalesce({{ day }}, current_date) >= coalesce({{ row }}.valid_from, '-infinity'::date)
and coalesce({{ day }}, current_date) < coalesce({{ row }}.valid_to, 'infinity'::date)
{%- endmacro %}

{#- The key of a version: the same in every build, whatever came before or after. -#}
{% macro version_key(code, valid_from) -%}
md5({{ code }} || '|' || to_char({{ valid_from }}, 'YYYY-MM-DD'))::uuid
{%- endmacro %}

{#- The key of the one version of `unmapped`. -#}
{% macro unmapped_key() -%}
{{ version_key("'unmapped'", since_ever()) }}
{%- endmacro %}

{#- The version of a fact's code that holds on its day, joined under the name of the
    dimension; and its key. A code of which no version holds then is `unmapped`. -#}
{% macro join_version(name, day, fact) -%}
left join {{ ref('dim_' ~ name) }} as {{ name }}
    on
        {{ fact }}.{{ name }}_code = {{ name }}.{{ name }}_code
        and {{ holds_on(name, day) | indent(8) }}
{%- endmacro %}

{% macro joined_key(name, fact) -%}
case
    when {{ fact }}.{{ name }}_code is not null
        then coalesce({{ name }}.{{ name }}_key, {{ unmapped_key() }})
end
{%- endmacro %}

{#- Every content that the resources of one type had, with the days on which it held:
    from the day that the source says it was written, else that it was shown, in the
    order in which it was shown; of one day the last. A deletion ends it. -#}
{% macro record_history(zone, resource_type, written_at="(body ->> 'last_modified_at')") -%}
select
    period.record_id,
    period.resource_id,
    period.body,
    case
        when period.ordinal = 1 then {{ since_ever() }}
        else period.begins_on
    end as valid_from,
    period.begins_on,
    period.valid_to
from (
    select
        lasting.*,
        row_number() over by_day as ordinal,
        lead(lasting.begins_on) over by_day as valid_to
    from (
        select distinct on (dated.resource_id, dated.begins_on) dated.*
        from (
            select
                told.*,
                {{ system_day(
                    'max(told.begins_at) over ('
                    ~ 'partition by told.resource_id'
                    ~ ' order by told.told_at, told.record_id)'
                ) }} as begins_on
            from (
                select
                    record_id,
                    resource_id,
                    body,
                    received_at as told_at,
                    least(
                        received_at,
                        {{ as_timestamp(written_at) }}
                    ) as begins_at
                from {{ source(zone, 'record') }}
                where resource_type = '{{ resource_type }}'
                union all
                select
                    record.record_id,
                    record.resource_id,
                    record.body,
                    sighting.seen_at as told_at,
                    sighting.seen_at as begins_at
                from {{ source(zone, 'sighting') }} as sighting
                inner join {{ source(zone, 'record') }} as record
                    on sighting.record_id = record.record_id
                where record.resource_type = '{{ resource_type }}'
                union all
                select
                    null as record_id,
                    resource_id,
                    null as body,
                    vanished_at as told_at,
                    vanished_at as begins_at
                from {{ source(zone, 'vanishing') }}
                where resource_type = '{{ resource_type }}'
            ) as told
        ) as dated
        order by
            dated.resource_id,
            dated.begins_on,
            dated.told_at desc,
            dated.record_id desc nulls last
    ) as lasting
    window by_day as (partition by lasting.resource_id order by lasting.begins_on)
) as period
where period.body is not null
{%- endmacro %}
