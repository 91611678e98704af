select
    gl_entry_id,
    move_line_id,
    record_id,
    facility_code,
    account_code,
    account_class,
    cost_center_code,
    service_line_code,
    move_number,
    external_reference,
    period_name,
    amount as gl_amount,
    posting_date,
    posting_month
from {{ ref('int_gl_entry__classified') }}
