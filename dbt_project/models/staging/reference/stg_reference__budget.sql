select
    facility_code,
    service_line_code,
    budget_month,
    net_revenue_amount,
    variable_cost,
    fixed_direct_cost,
    overhead_cost
from {{ source('reference', 'budget') }}
