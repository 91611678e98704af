select
    service_month,
    facility_code,
    cost_center_code,
    cost_center_kind,
    allocation_method,
    is_chosen,
    exception_reason,
    round(direct_cents / 100.0, 2) as direct_cost,
    round(received_cents / 100.0, 2) as received_cost,
    round(given_cents / 100.0, 2) as given_cost,
    round(balance_cents / 100.0, 2) as balance_cost
from {{ ref('int_cost_center__allocated') }}
where allocation_plan = ''
