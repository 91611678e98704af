select
    facility_code,
    reclassification_code,
    account_code,
    from_cost_center_code,
    to_cost_center_code,
    moved_rate,
    moved_amount,
    valid_from,
    valid_to
from {{ source('reference', 'reclassification') }}
