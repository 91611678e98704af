{#- The least k with P(demand <= k) >= share, where demand is Poisson with this mean:
    what to stock when a unit short costs Cu, one left over Co: share = Cu / (Cu + Co).
    Terms are summed as logarithms, so that no mean is too large. -#}
{% macro poisson_level(mean, share) -%}
case
    when {{ mean }} > 0 then (
        select min(summed.k)
        from (
            select
                term.k,
                sum(exp(term.logarithm)) over (order by term.k) as reached
            from (
                select
                    step.k,
                    sum(
                        case
                            when step.k > 0 then ln({{ mean }} / step.k)
                            else -{{ mean }}
                        end
                    ) over (order by step.k) as logarithm
                from generate_series(
                    0, ceil({{ mean }} + 10 * sqrt({{ mean }}) + 10)::bigint
                ) as step (k)
            ) as term
        ) as summed
        where summed.reached >= {{ share }}
    )
    else 0
end
{%- endmacro %}
