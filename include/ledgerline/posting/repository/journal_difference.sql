-- Every key whose desired amount, published or accrued by an approved close, is not what
-- non-cancelled entries hold.
with desired as (
    select
        document_kind, facility_code, posting_date, hold_class, account_code,
        cost_center_code, service_line_code, sum(amount) as amount
    from (
        select
            document_kind, facility_code, posting_date, hold_class, account_code,
            cost_center_code, service_line_code, amount
        from outbound.out_journal_line
        union all
        select
            document_kind, facility_code, posting_date, '', account_code,
            cost_center_code, service_line_code, amount
        from post.accrual_line
    ) as wanted
    group by 1, 2, 3, 4, 5, 6, 7
),
proposed as (
    select
        entry.document_kind, entry.facility_code, entry.origin_date as posting_date,
        entry.hold_class, line.account_code, line.cost_center_code,
        line.service_line_code, sum(line.amount_cents) / 100.0 as amount
    from post.entry as entry
    inner join post.entry_line as line using (entry_id)
    where entry.state <> 'CANCELLED' and entry.waived_publication_id is null
    group by 1, 2, 3, 4, 5, 6, 7
)
select
    document_kind, facility_code, posting_date, hold_class, account_code,
    cost_center_code, service_line_code,
    coalesce(desired.amount, 0) - coalesce(proposed.amount, 0) as amount
from desired
full join proposed using (
    document_kind, facility_code, posting_date, hold_class, account_code,
    cost_center_code, service_line_code
)
where coalesce(desired.amount, 0) <> coalesce(proposed.amount, 0)
order by 1, 2, 3, 4, 5, 6, 7
