-- What each account costs every cost center after rules moved what belongs to others.
with moved as (
    select
        facility_code,
        service_month,
        cost_center_code,
        account_code,
        cost_component,
        cost_cents
    from {{ ref('int_account_cost__booked') }}
    union all
    select
        applied.facility_code,
        applied.service_month,
        side.cost_center_code,
        applied.account_code,
        applied.cost_component,
        side.cost_cents
    from {{ ref('int_reclassification__applied') }} as applied
    cross join
        lateral (
            values
            (applied.from_cost_center_code, -applied.moved_cents),
            (applied.to_cost_center_code, applied.moved_cents)
        ) as side (cost_center_code, cost_cents)
    where applied.moved_cents <> 0
)

select
    facility_code,
    service_month,
    cost_center_code,
    account_code,
    cost_component,
    sum(cost_cents)::bigint as cost_cents
from moved
group by
    facility_code, service_month, cost_center_code, account_code, cost_component
