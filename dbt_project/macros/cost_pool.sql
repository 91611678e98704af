{#- How much of each pool every method gives to charges: first by relative values, the
    rest by charges; and what no method can give, with the reason.

    pool: what to give, a relation under the name of `pool`
    base: relation of charges, or sums of them, with method and weight
    version: columns that tell apart allocations of the same pool -#}
{% macro divided_pools(pool, base, version=[]) -%}
{%- set key = version
    + ['facility_code', 'service_month', 'cost_center_code', 'cost_group'] -%}
{%- set group = key | join(', ') -%}
with base as (
    select
        {{ group }},
        sum(charge_cents) as charge_cents,
        coalesce(sum(charge_cents) filter (where cost_method <> 'rcc'), 0)
            as relative_charge_cents,
        sum(weight) filter (where cost_method <> 'rcc') as relative_weight,
        max(cost_method) filter (where cost_method <> 'rcc') as relative_method
    from {{ base }}
    group by {{ group }}
),

met as (
    select
        pool.*,
        base.charge_cents,
        base.relative_charge_cents,
        base.relative_method,
        base.relative_weight,
        capacity.capacity_hours * capacity.practical_rate * 60 as capacity_minutes,
        case
            when pool.pool_reason <> '' then pool.pool_reason
            when base.charge_cents is null then 'no_charges'
            else ''
        end as kept_reason
    from {{ pool }}
    left join base
        on
            {%- for column in key %}
            {{ '' if loop.first else 'and ' }}pool.{{ column }} = base.{{ column }}
            {%- endfor %}
    left join {{ ref('stg_reference__cost_center_capacity') }} as capacity
        on
            pool.facility_code = capacity.facility_code
            and pool.cost_center_code = capacity.cost_center_code
            and {{ holds_on('capacity', month_end('pool.service_month')) | indent(12) }}
),

split as (
    select
        met.*,
        case
            when met.kept_reason = ''
                then
                    round(met.pool_cents * met.relative_charge_cents / met.charge_cents)
            else 0
        end as relative_cents
    from met
),

rated as (
    select
        split.*,
        -- What a center has in credit beyond its cost is not given to those it served.
        sum(split.relative_cents) over of_group < 0 as is_credit,
        case
            when
                split.relative_method = 'time'
                and split.capacity_minutes > split.relative_weight
                and sum(split.relative_cents) over of_group >= 0
                then
                    -- Multiplied before it is divided: a half cent stays one.
                    round(
                        split.relative_cents
                        * (split.capacity_minutes - split.relative_weight)
                        / split.capacity_minutes
                    )
            else 0
        end as unused_cents,
        sum(split.pool_cents - split.relative_cents) over of_group
        / nullif(split.charge_cents - split.relative_charge_cents, 0)
            as cost_to_charge_rate
    from split
    window of_group as (
        partition by {{ group }}
    )
)

select
    {%- for column in key %}
    rated.{{ column }},
    {%- endfor %}
    rated.cost_component,
    case when part.reason = '' then part.cost_method else 'unallocated' end
        as cost_method,
    part.reason as exception_reason,
    part.cents::bigint as part_cents
from rated
cross join
    lateral (
        values
        (
            rated.relative_method,
            case
                when rated.is_credit then 'negative_balance'
                when rated.relative_weight > 0 then ''
                else 'zero_volume'
            end,
            rated.relative_cents - rated.unused_cents
        ),
        (rated.relative_method, 'unused_capacity', rated.unused_cents),
        (
            'rcc',
            case
                when rated.kept_reason <> '' then rated.kept_reason
                when
                    rated.cost_to_charge_rate > 0.01
                    and rated.cost_to_charge_rate < 10
                    then ''
                else 'rcc_out_of_range'
            end,
            rated.pool_cents - rated.relative_cents
        )
    ) as part (cost_method, reason, cents)
where part.cents <> 0
{%- endmacro %}
