{#- Casts that answer null where the text cannot be read. -#}

{% macro as_date(text) -%}
{%- set digits = "replace(left(" ~ text ~ ", 10), '-', '')" -%}
{%- set year = "substr(" ~ digits ~ ", 1, 4)::integer" -%}
{%- set month = "substr(" ~ digits ~ ", 5, 2)::integer" -%}
{%- set day = "substr(" ~ digits ~ ", 7, 2)::integer" -%}
case
    when {{ text }} ~ '^[12][0-9]{3}-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])'
        then case
            when
                extract(month from make_date({{ year }}, {{ month }}, 1) + ({{ day }} - 1))
                = {{ month }}
                then make_date({{ year }}, {{ month }}, 1) + ({{ day }} - 1)
        end
end
{%- endmacro %}

{% macro as_timestamp(text) -%}
{%- set time = "T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?" -%}
{%- set zone = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])" -%}
case
    when {{ text }} ~ '^[0-9-]{10}{{ time }}{{ zone }}?$'
        then case
            when {{ as_date(text) }} is not null
                then (
                    {{ text }}
                    || case when {{ text }} ~ '{{ zone }}$' then '' else 'Z' end
                )::timestamptz
        end
    else ({{ as_told_date(text) }})::timestamp at time zone 'UTC'
end
{%- endmacro %}

{#- The day of a text that tells no time; null of one that tells it. -#}
{% macro as_told_date(text) -%}
case
    when {{ text }} ~ '^[0-9]{4}(-[0-9]{2}){0,2}$'
        then {{ as_date("left(" ~ text ~ " || '-01-01', 10)") }}
end
{%- endmacro %}

{% macro as_number(text) -%}
case
    when {{ text }} ~ '^[+-]?([0-9]{1,15}([.][0-9]*)?|[.][0-9]+)$'
        then {{ text }}::numeric
end
{%- endmacro %}

{% macro as_amount(text) -%}
coalesce({{ as_number(text) }}, 0)::numeric(18, 2)
{%- endmacro %}
