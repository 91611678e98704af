-- Overhead centers serve each other at once: what flows through each of them solves one
-- system of equations a facility and month. Who leads to nobody that keeps cost is no
-- part of it.
with recursive draining as (
    select distinct
        facility_code,
        service_month,
        allocation_plan,
        giver_code
    from {{ ref('int_overhead_share__weighed') }}
    where not is_passed_on
    union
    select
        share.facility_code,
        share.service_month,
        share.allocation_plan,
        share.giver_code
    from draining
    inner join {{ ref('int_overhead_share__weighed') }} as share
        on
            draining.facility_code = share.facility_code
            and draining.service_month = share.service_month
            and draining.allocation_plan = share.allocation_plan
            and draining.giver_code = share.taker_code
),

center as (
    select
        opened.*,
        draining.giver_code is not null as is_flowing,
        row_number() over (
            partition by
                opened.facility_code,
                opened.service_month,
                opened.allocation_plan,
                draining.giver_code is not null
            order by opened.cost_center_code
        ) as place
    from {{ ref('int_cost_center__opened') }} as opened
    left join draining
        on
            opened.facility_code = draining.facility_code
            and opened.service_month = draining.service_month
            and opened.allocation_plan = draining.allocation_plan
            and opened.cost_center_code = draining.giver_code
    where opened.planned_method <> 'step_down'
),

equation as (
    select
        giver.facility_code,
        giver.service_month,
        giver.allocation_plan,
        giver.place,
        giver.cost_center_code,
        giver.direct_cents,
        array_agg(coalesce(share.share, 0) order by taker.place) filter (
            where taker.is_flowing
        ) as share_list,
        coalesce(sum(share.share) filter (where not taker.is_flowing), 0) as beyond
    from center as giver
    inner join center as taker
        on
            giver.facility_code = taker.facility_code
            and giver.service_month = taker.service_month
            and giver.allocation_plan = taker.allocation_plan
    left join {{ ref('int_overhead_share__weighed') }} as share
        on
            giver.facility_code = share.facility_code
            and giver.service_month = share.service_month
            and giver.allocation_plan = share.allocation_plan
            and giver.cost_center_code = share.giver_code
            and taker.cost_center_code = share.taker_code
    where giver.is_flowing
    group by
        giver.facility_code,
        giver.service_month,
        giver.allocation_plan,
        giver.place,
        giver.cost_center_code,
        giver.direct_cents
),

solved as (
    select
        facility_code,
        service_month,
        allocation_plan,
        array_agg(cost_center_code order by place) as codes,
        build.reciprocal(
            array_agg(direct_cents::numeric order by place),
            array_agg(share_list order by place),
            array_agg(beyond order by place)
        ) as flows
    from equation
    group by facility_code, service_month, allocation_plan
)

select
    solved.facility_code,
    solved.service_month,
    solved.allocation_plan,
    solved.codes[flow.place] as cost_center_code,
    flow.cents as flow_cents
from solved
cross join lateral unnest(solved.flows) with ordinality as flow (cents, place)
