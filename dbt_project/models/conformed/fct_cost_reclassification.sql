select
    service_month,
    facility_code,
    reclassification_code,
    account_code,
    from_cost_center_code,
    to_cost_center_code,
    cost_component,
    exception_reason,
    round(balance_cents / 100.0, 2) as balance_amount,
    round(asked_cents / 100.0, 2) as asked_amount,
    round(moved_cents / 100.0, 2) as moved_amount
from {{ ref('int_reclassification__applied') }}
