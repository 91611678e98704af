{%- set key = [
    'facility_code', 'service_month', 'account_code', 'from_cost_center_code',
    'cost_component',
] -%}

-- What each rule moves of what an account has on a cost center: an amount as it is,
-- and in whole cents what all shares of it come to. A rule that cannot be followed
-- moves nothing.
with month as (
    select distinct
        facility_code,
        service_month
    from {{ ref('int_account_cost__booked') }}
),

met as (
    select
        stated.*,
        month.service_month,
        coalesce(cost.cost_component, '') as cost_component,
        coalesce(cost.cost_cents, 0) as balance_cents,
        taker.cost_center_code is not null as has_taker,
        coalesce(stated.moved_amount * 100, cost.cost_cents * stated.moved_rate, 0)
            as asked_cents,
        count(*) over (
            partition by
                stated.facility_code, month.service_month, stated.reclassification_code
        ) as component_count
    from {{ ref('stg_reference__reclassification') }} as stated
    inner join month
        on
            stated.facility_code = month.facility_code
            and {{ holds_on('stated', month_end('month.service_month')) | indent(12) }}
    left join {{ ref('int_account_cost__booked') }} as cost
        on
            stated.facility_code = cost.facility_code
            and month.service_month = cost.service_month
            and stated.account_code = cost.account_code
            and stated.from_cost_center_code = cost.cost_center_code
    left join {{ ref('stg_reference__cost_center') }} as taker
        on
            stated.facility_code = taker.facility_code
            and stated.to_cost_center_code = taker.cost_center_code
            and {{ holds_on('taker', month_end('month.service_month')) | indent(12) }}
),

faulted as (
    select
        met.*,
        case
            when met.balance_cents = 0 then 'no_balance'
            when met.balance_cents < 0 then 'negative_balance'
            when not met.has_taker then 'unknown_target'
            when met.moved_rate is null and met.component_count > 1
                then 'ambiguous_account'
            else ''
        end as fault
    from met
),

judged as (
    select
        faulted.*,
        round(
            faulted.balance_cents
            * sum(faulted.moved_rate) filter (where faulted.fault = '') over of_balance
        ) as share_cents,
        case
            when
                faulted.fault = ''
                and sum(faulted.asked_cents) filter (
                    where faulted.fault = ''
                ) over of_balance > faulted.balance_cents
                then 'balance_exceeded'
            else faulted.fault
        end as exception_reason
    from faulted
    window of_balance as (partition by {{ key | join(', ') }})
),

shared as (
    {{ largest_remainder(
        "(select * from judged where exception_reason = '' and moved_rate > 0)",
        'share_cents', 'moved_rate', key, 'reclassification_code'
    ) | indent }}
)

select
    judged.facility_code,
    judged.service_month,
    judged.reclassification_code,
    judged.account_code,
    judged.from_cost_center_code,
    judged.to_cost_center_code,
    judged.cost_component,
    judged.balance_cents::bigint as balance_cents,
    round(judged.asked_cents)::bigint as asked_cents,
    case
        when judged.exception_reason <> '' then 0
        else coalesce(shared.allocated_cents, judged.asked_cents)
    end::bigint as moved_cents,
    judged.exception_reason
from judged
left join shared
    on
        judged.facility_code = shared.facility_code
        and judged.service_month = shared.service_month
        and judged.reclassification_code = shared.reclassification_code
        and judged.cost_component = shared.cost_component
