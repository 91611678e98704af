{#- No two versions of a code hold on one day, and none ends before it begins. -#}
{% test one_version_a_day(model, code) %}

select
    {{ code }},
    valid_from,
    valid_to,
    next_valid_from
from (
    select
        {{ code }},
        valid_from,
        valid_to,
        lead(valid_from) over (
            partition by {{ code }} order by valid_from
        ) as next_valid_from
    from {{ model }}
) as version
where
    coalesce(valid_to, 'infinity'::date)
    > coalesce(next_valid_from, 'infinity'::date)
    or valid_to <= valid_from

{% endtest %}
