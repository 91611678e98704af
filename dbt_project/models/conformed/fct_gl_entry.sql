select
    entry.gl_entry_id,
    entry.move_line_id,
    entry.record_id,
    entry.facility_code,
    entry.account_code,
    entry.account_class,
    {{ joined_key('cost_center', 'entry') }} as cost_center_key,
    entry.cost_center_code,
    entry.service_line_code,
    entry.move_number,
    entry.external_reference,
    entry.period_name,
    entry.amount as gl_amount,
    entry.posting_date,
    entry.posting_month,
    entry.origin_month
from {{ ref('int_gl_entry__classified') }} as entry
{{ join_version('cost_center', 'entry.posting_date', 'entry') }}
