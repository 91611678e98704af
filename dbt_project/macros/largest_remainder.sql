{#- Split whole cents over a basis so that no cent is lost: every row of `basis` gets
    the floor of its share, and the cents left over go to the largest remainders, ties
    to the smaller key (C order). A negative total is split as its absolute value. A
    row without weight gets nothing, and without any weight the shares are null.

    basis: relation with one row per share, no weight below 0
    total, weight: columns with the whole cents to split and the weight
    within: columns that name one allocation; tie_break: column that orders ties -#}
{% macro largest_remainder(basis, total, weight, within, tie_break) -%}
select
    part.*,
    sign(part.{{ total }}::numeric) * (
        part.floor_cents
        + case
            when
                row_number() over (
                    partition by {{ within | join(', ') }}
                    order by part.remainder desc, {{ in_c_order('part.' ~ tie_break) }}
                )
                <= abs(part.{{ total }})
                - sum(part.floor_cents) over (partition by {{ within | join(', ') }})
                then 1
            else 0
        end
    ) as allocated_cents
from (
    select
        share.*,
        div(
            abs(share.{{ total }})::numeric * share.{{ weight }},
            nullif(share.weight_total, 0)
        ) as floor_cents,
        mod(
            abs(share.{{ total }})::numeric * share.{{ weight }},
            nullif(share.weight_total, 0)
        ) as remainder
    from (
        select
            basis.*,
            sum(basis.{{ weight }}::numeric) over (
                partition by {{ within | join(', ') }}
            ) as weight_total
        from {{ basis }} as basis
    ) as share
) as part
{%- endmacro %}

{#- A column in the order of its bytes, whatever the database's language. -#}
{% macro in_c_order(column) -%}
{{ column }} collate "C"
{%- endmacro %}
