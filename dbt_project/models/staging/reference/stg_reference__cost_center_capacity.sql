select
    facility_code,
    cost_center_code,
    capacity_hours,
    practical_rate,
    valid_from,
    valid_to
from {{ source('reference', 'cost_center_capacity') }}
