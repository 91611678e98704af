-- What everybody receives of what flows through the overhead centers. The cents go to
-- those that keep them, the left-over ones to the largest remainders.
with received as (
    select
        flow.facility_code,
        flow.service_month,
        flow.allocation_plan,
        share.taker_code as cost_center_code,
        -- Equal shares stay equal to the last digit that decides about a cent.
        round(sum(flow.flow_cents * share.share), 12) as received_cents
    from {{ ref('int_overhead_flow__solved') }} as flow
    inner join {{ ref('int_overhead_share__weighed') }} as share
        on
            flow.facility_code = share.facility_code
            and flow.service_month = share.service_month
            and flow.allocation_plan = share.allocation_plan
            and flow.cost_center_code = share.giver_code
    group by
        flow.facility_code, flow.service_month, flow.allocation_plan, share.taker_code
),

giver as (
    select distinct
        facility_code,
        service_month,
        allocation_plan,
        giver_code
    from {{ ref('int_overhead_share__weighed') }}
),

center as (
    select
        opened.*,
        {{ in_c_order('opened.cost_center_code') }} as tie_break,
        flow.flow_cents,
        coalesce(received.received_cents, 0) as exact_cents,
        case
            when flow.flow_cents is null
                then floor(coalesce(received.received_cents, 0))
        end as floor_cents
    from {{ ref('int_cost_center__opened') }} as opened
    left join {{ ref('int_overhead_flow__solved') }} as flow
        on
            opened.facility_code = flow.facility_code
            and opened.service_month = flow.service_month
            and opened.allocation_plan = flow.allocation_plan
            and opened.cost_center_code = flow.cost_center_code
    left join received
        on
            opened.facility_code = received.facility_code
            and opened.service_month = received.service_month
            and opened.allocation_plan = received.allocation_plan
            and opened.cost_center_code = received.cost_center_code
    where opened.planned_method <> 'step_down'
),

whole as (
    select
        center.*,
        row_number() over (
            partition by
                center.facility_code,
                center.service_month,
                center.allocation_plan,
                center.flow_cents is null
            order by
                center.exact_cents - center.floor_cents desc,
                center.tie_break asc
        ) as place,
        coalesce(
            sum(center.direct_cents) filter (
                where center.flow_cents is not null
            ) over of_month,
            0
        )
        - sum(center.floor_cents) over of_month as left_over_count,
        count(*) filter (
            where center.basis = 'accumulated_cost'
        ) over of_month
        - (coalesce(center.basis, '') = 'accumulated_cost')::integer as weigher_count
    from center
    window of_month as (
        partition by center.facility_code, center.service_month, center.allocation_plan
    )
)

select
    whole.facility_code,
    whole.service_month,
    whole.allocation_plan,
    whole.cost_center_code,
    whole.cost_center_kind,
    whole.closed_at,
    whole.direct_cents::bigint as direct_cents,
    case
        when whole.flow_cents is not null
            then round(whole.flow_cents) - whole.direct_cents
        else whole.floor_cents + (whole.place <= whole.left_over_count)::integer
    end::bigint as received_cents,
    coalesce(round(whole.flow_cents), 0)::bigint as given_cents,
    case
        when whole.flow_cents is null
            then
                whole.direct_cents + whole.floor_cents
                + (whole.place <= whole.left_over_count)::integer
        else 0
    end::bigint as balance_cents,
    case
        when whole.weigher_count > 0 then least(whole.direct_cents, 0)::bigint
        else 0
    end as left_out_cents,
    giver.giver_code is not null as has_taker
from whole
left join giver
    on
        whole.facility_code = giver.facility_code
        and whole.service_month = giver.service_month
        and whole.allocation_plan = giver.allocation_plan
        and whole.cost_center_code = giver.giver_code
