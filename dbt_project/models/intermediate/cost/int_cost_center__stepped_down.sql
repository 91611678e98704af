{#- One more center of every facility and month closes: what it holds goes to those
    still open, by its basis. -#}
{% set closing %}
(
    select
        state.*,
        coalesce(state.closed_at > state.step_number, true) as is_open,
        case
            when coalesce(state.closed_at <= state.step_number, false) then 0
            when state.giver_basis = 'accumulated_cost'
                then greatest(state.direct_cents + state.received_cents, 0)
            else greatest(coalesce(statistic.quantity, 0), 0)
        end as weight
    from (
        select
            balance.*,
            balance.steps_done + 1 as step_number,
            max(balance.basis) filter (
                where balance.closed_at = balance.steps_done + 1
            ) over of_month as giver_basis,
            sum(balance.direct_cents + balance.received_cents) filter (
                where balance.closed_at = balance.steps_done + 1
            ) over of_month as total_cents
        from balance
        where balance.steps_done < balance.step_count
        window of_month as (
            partition by
                balance.facility_code, balance.service_month, balance.allocation_plan
        )
    ) as state
    left join {{ ref('stg_reference__allocation_statistic') }} as statistic
        on
            state.facility_code = statistic.facility_code
            and state.cost_center_code = statistic.cost_center_code
            and state.giver_basis = statistic.basis
            and {{ holds_on('statistic', month_end('state.service_month')) | indent(12) }}
)
{% endset -%}

with recursive balance as (
    select
        facility_code,
        service_month,
        allocation_plan,
        cost_center_code,
        cost_center_kind,
        basis,
        closed_at,
        direct_cents,
        0::numeric as received_cents,
        0::numeric as given_cents,
        0::numeric as left_out_cents,
        false as has_taker,
        0::bigint as steps_done,
        count(closed_at) over (
            partition by facility_code, service_month, allocation_plan
        ) as step_count
    from {{ ref('int_cost_center__opened') }}
    where planned_method <> 'reciprocal'
    union all
    select
        facility_code,
        service_month,
        allocation_plan,
        cost_center_code,
        cost_center_kind,
        basis,
        closed_at,
        direct_cents,
        received_cents + coalesce(allocated_cents, 0) as received_cents,
        -- What a center gives is all that it holds, and only if somebody takes it.
        case
            when closed_at = step_number and weight_total > 0 then total_cents
            else given_cents
        end as given_cents,
        case
            when
                is_open
                and giver_basis = 'accumulated_cost'
                and direct_cents + received_cents < 0
                then direct_cents + received_cents
            else left_out_cents
        end as left_out_cents,
        has_taker or coalesce(closed_at = step_number, false) and weight_total > 0
            as has_taker,
        step_number as steps_done,
        step_count
    from (
        {{ largest_remainder(
            closing, 'total_cents', 'weight',
            ['facility_code', 'service_month', 'allocation_plan'], 'cost_center_code'
        ) | indent(8) }}
    ) as share
)

select
    facility_code,
    service_month,
    allocation_plan,
    cost_center_code,
    cost_center_kind,
    closed_at,
    direct_cents::bigint as direct_cents,
    received_cents::bigint as received_cents,
    given_cents::bigint as given_cents,
    (direct_cents + received_cents - given_cents)::bigint as balance_cents,
    left_out_cents::bigint as left_out_cents,
    has_taker
from balance
where steps_done = step_count
