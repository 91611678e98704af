select
    facility_code,
    service_month,
    cost_center_code,
    cost_component,
    exception_reason,
    part_cents
from {{ ref('int_cost_pool__divided') }}
where cost_method = 'unallocated'
