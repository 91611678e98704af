select
    facility_code,
    posting_month as service_month,
    cost_center_code,
    account_class as cost_component,
    (sum(amount) * 100)::bigint as direct_cents
from {{ ref('int_gl_entry__classified') }}
where
    cost_center_code is not null
    and account_class in ('labor', 'other_direct')
group by facility_code, posting_month, cost_center_code, account_class
