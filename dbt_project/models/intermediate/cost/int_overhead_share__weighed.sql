{{ config(indexes=[
    {'columns': ['facility_code', 'service_month', 'allocation_plan']}
]) }}

-- What part of an overhead center everybody else takes when all serve each other.
-- The accumulated cost that counts here is what a center holds before any allocation.
with edge as (
    select
        giver.facility_code,
        giver.service_month,
        giver.allocation_plan,
        giver.cost_center_code as giver_code,
        taker.cost_center_code as taker_code,
        case
            when giver.basis = 'accumulated_cost' then taker.direct_cents
            else statistic.quantity
        end as weight
    from {{ ref('int_cost_center__opened') }} as giver
    inner join {{ ref('int_cost_center__opened') }} as taker
        on
            giver.facility_code = taker.facility_code
            and giver.service_month = taker.service_month
            and giver.allocation_plan = taker.allocation_plan
            and giver.cost_center_code <> taker.cost_center_code
    left join {{ ref('stg_reference__allocation_statistic') }} as statistic
        on
            taker.facility_code = statistic.facility_code
            and taker.cost_center_code = statistic.cost_center_code
            and giver.basis = statistic.basis
            and
            {{ holds_on('statistic', month_end('giver.service_month')) | indent(12) }}
    where giver.closed_at is not null and giver.planned_method <> 'step_down'
),

taken as (
    select
        edge.*,
        sum(edge.weight) over (
            partition by
                edge.facility_code,
                edge.service_month,
                edge.allocation_plan,
                edge.giver_code
        ) as weight_total
    from edge
    where edge.weight > 0
),

giver as (
    select distinct
        facility_code,
        service_month,
        allocation_plan,
        giver_code
    from taken
)

select
    taken.facility_code,
    taken.service_month,
    taken.allocation_plan,
    taken.giver_code,
    taken.taker_code,
    giver.giver_code is not null as is_passed_on,
    round(taken.weight, 30) / taken.weight_total as share
from taken
left join giver
    on
        taken.facility_code = giver.facility_code
        and taken.service_month = giver.service_month
        and taken.allocation_plan = giver.allocation_plan
        and taken.taker_code = giver.giver_code
