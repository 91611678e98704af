select
    group_code,
    reason_code,
    remark_code,
    payer_code,
    valid_from,
    valid_to,
    adjustment_category,
    adjustment_cause
from {{ source('reference', 'denial_rule') }}
