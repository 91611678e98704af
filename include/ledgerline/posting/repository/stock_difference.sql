-- Every store, item and lot whose published desired quantity is not what
-- non-cancelled entries move.
with desired as (
    select
        document_kind, facility_code, posting_date, hold_class,
        coalesce(location_code, '') as location_code,
        coalesce(item_code, '') as item_code,
        coalesce(lot_number, '') as lot_number,
        coalesce(max(unit), '') as unit,
        sum(quantity) as quantity,
        coalesce(sum(amount), 0) as amount
    from outbound.out_stock_issue_line
    group by 1, 2, 3, 4, 5, 6, 7
),
proposed as (
    select
        entry.document_kind, entry.facility_code, entry.origin_date as posting_date,
        entry.hold_class, line.location_code, line.item_code, line.lot_number,
        max(line.unit) as unit, sum(line.quantity) as quantity,
        sum(line.amount_cents * sign(line.quantity)) / 100.0 as amount
    from post.entry as entry
    inner join post.stock_line as line using (entry_id)
    where entry.state <> 'CANCELLED' and entry.waived_publication_id is null
    group by 1, 2, 3, 4, 5, 6, 7
)
select
    document_kind, facility_code, posting_date, hold_class, location_code,
    item_code, lot_number,
    coalesce(desired.unit, proposed.unit) as unit,
    coalesce(desired.quantity, 0) - coalesce(proposed.quantity, 0) as quantity,
    coalesce(desired.amount, 0) - coalesce(proposed.amount, 0) as amount
from desired
full join proposed using (
    document_kind, facility_code, posting_date, hold_class, location_code,
    item_code, lot_number
)
where coalesce(desired.quantity, 0) <> coalesce(proposed.quantity, 0)
order by 1, 2, 3, 4, 5, 6, 7
