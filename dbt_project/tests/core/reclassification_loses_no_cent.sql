-- What rules move stays in its facility, month, account and component.
select
    facility_code,
    service_month,
    account_code,
    cost_component
from (
    select
        facility_code,
        service_month,
        account_code,
        cost_component,
        cost_cents
    from {{ ref('int_account_cost__booked') }}
    union all
    select
        facility_code,
        service_month,
        account_code,
        cost_component,
        -cost_cents as cost_cents
    from {{ ref('int_account_cost__reclassified') }}
) as compared
group by facility_code, service_month, account_code, cost_component
having sum(cost_cents) <> 0
