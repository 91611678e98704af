{#- The least k with P(demand <= k) >= share, where demand is Poisson with this mean:
    what to stock when a unit short costs Cu, one left over Co: share = Cu / (Cu + Co).
    Terms are summed as logarithms, so that no mean is too large; those of less than
    e^-700 are nothing. -#}
{% macro poisson_level(mean, share) -%}
{%- set rate = '(' ~ mean ~ ')::double precision' -%}
case
    when {{ mean }} > 0 then (
        select min(summed.k)
        from (
            select
                term.k,
                sum(
                    case when term.logarithm > -700 then exp(term.logarithm) else 0 end
                ) over (order by term.k) as reached
            from (
                select
                    step.k,
                    sum(
                        case
                            when step.k > 0 then ln({{ rate }} / step.k)
                            else -{{ rate }}
                        end
                    ) over (order by step.k) as logarithm
                from generate_series(
                    0, ceil({{ rate }} + 10 * sqrt({{ rate }}) + 10)::bigint
                ) as step (k)
            ) as term
        ) as summed
        where summed.reached >= {{ share }}
    )
    else 0
end
{%- endmacro %}
