-- Per document, debits equal credits.
-- relation: outbound.out_journal_line
-- severity: block
select
    line.document_kind,
    line.facility_code,
    line.posting_date,
    line.hold_class
from batch as line
group by
    line.document_kind, line.facility_code, line.posting_date, line.hold_class
having sum(line.amount) <> 0
