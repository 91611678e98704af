select
    document_kind,
    facility_code,
    posting_date,
    hold_class,
    sum(amount) as difference_amount
from {{ ref('out_journal_line') }}
group by document_kind, facility_code, posting_date, hold_class
having sum(amount) <> 0
