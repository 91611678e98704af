select
    gl_entry_id,
    record_id,
    facility_code,
    cost_center_code,
    account_code,
    amount as labor_cost,
    posting_date,
    posting_month
from {{ ref('int_gl_entry__classified') }}
where account_class = 'labor'
