{#- At most this many overhead centers a facility; a test guards the bound. -#}
{%- set step_bound = 6 -%}

with step as (
    select
        facility_code,
        cost_center_code,
        basis,
        row_number() over (partition by facility_code order by step_number) as closed_at
    from {{ ref('stg_reference__allocation_step') }}
),

balance_0 as (
    select
        center.facility_code,
        cost.service_month,
        center.cost_center_code,
        center.cost_center_kind,
        step.closed_at,
        step.basis,
        coalesce(
            sum(cost.direct_cents) filter (
                where cost.cost_center_code = center.cost_center_code
            ),
            0
        ) as direct_cents,
        0::numeric as received_cents,
        0::numeric as given_cents
    from {{ ref('stg_reference__cost_center') }} as center
    inner join {{ ref('int_cost_center__directed') }} as cost
        on
            center.facility_code = cost.facility_code
            and {{ holds_on('center', month_end('cost.service_month')) | indent(12) }}
    left join step on center.cost_center_code = step.cost_center_code
    group by
        center.facility_code,
        cost.service_month,
        center.cost_center_code,
        center.cost_center_kind,
        step.closed_at,
        step.basis
),

{% for number in range(1, step_bound + 1) %}
basis_{{ number }} as (
    select
        giver.facility_code,
        giver.service_month,
        giver.cost_center_code as giver_code,
        taker.cost_center_code,
        giver.direct_cents + giver.received_cents as total_cents,
        case
            when giver.basis = 'accumulated_cost'
                then taker.direct_cents + taker.received_cents
            else statistic.quantity
        end as weight
    from balance_{{ number - 1 }} as giver
    inner join balance_{{ number - 1 }} as taker
        on
            giver.facility_code = taker.facility_code
            and giver.service_month = taker.service_month
            and coalesce(taker.closed_at, {{ step_bound + 1 }}) > {{ number }}
    left join {{ ref('stg_reference__allocation_statistic') }} as statistic
        on
            taker.cost_center_code = statistic.cost_center_code
            and giver.facility_code = statistic.facility_code
            and giver.basis = statistic.basis
    where giver.closed_at = {{ number }}
),

share_{{ number }} as (
    {{ largest_remainder(
        '(select * from basis_' ~ number ~ ' where weight > 0)', 'total_cents', 'weight',
        ['facility_code', 'service_month'], 'cost_center_code'
    ) }}
),

balance_{{ number }} as (
    select
        center.facility_code,
        center.service_month,
        center.cost_center_code,
        center.cost_center_kind,
        center.closed_at,
        center.basis,
        center.direct_cents,
        center.received_cents + coalesce(share.allocated_cents, 0) as received_cents,
        -- What a center allocates is all it holds, and only if somebody takes it.
        case
            when
                exists (
                    select 1
                    from share_{{ number }} as taken
                    where
                        taken.giver_code = center.cost_center_code
                        and taken.service_month = center.service_month
                )
                then center.direct_cents + center.received_cents
            else center.given_cents
        end as given_cents
    from balance_{{ number - 1 }} as center
    left join share_{{ number }} as share
        on
            center.cost_center_code = share.cost_center_code
            and center.service_month = share.service_month
){{ ',' if not loop.last }}
{% endfor %}

select
    facility_code,
    service_month,
    cost_center_code,
    cost_center_kind,
    direct_cents::bigint as direct_cents,
    received_cents::bigint as received_cents,
    given_cents::bigint as given_cents,
    (direct_cents + received_cents - given_cents)::bigint as balance_cents
from balance_{{ step_bound }}
