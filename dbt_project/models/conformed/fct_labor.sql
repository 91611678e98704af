select
    entry.gl_entry_id,
    entry.record_id,
    entry.facility_code,
    {{ joined_key('cost_center', 'entry') }} as cost_center_key,
    entry.cost_center_code,
    entry.account_code,
    entry.amount as labor_cost,
    entry.posting_date,
    entry.posting_month
from {{ ref('int_gl_entry__classified') }} as entry
{{ join_version('cost_center', 'entry.posting_date', 'entry') }}
where entry.account_class = 'labor'
