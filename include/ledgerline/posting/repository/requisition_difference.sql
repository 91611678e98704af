-- Every store and item of which more should have been asked for than non-cancelled
-- entries ask for, whatever their day. What was asked for too much is the buyer's: there
-- is no negative requisition.
with desired as (
    select
        document_kind, facility_code, hold_class, location_code, item_code,
        max(posting_date) as posting_date, max(unit) as unit,
        sum(quantity) as quantity
    from outbound.out_requisition_line
    group by 1, 2, 3, 4, 5
),
proposed as (
    select
        entry.document_kind, entry.facility_code, entry.hold_class,
        line.location_code, line.item_code, sum(line.quantity) as quantity
    from post.entry as entry
    inner join post.requisition_line as line using (entry_id)
    where entry.state <> 'CANCELLED' and entry.waived_publication_id is null
    group by 1, 2, 3, 4, 5
)
select
    document_kind, facility_code, posting_date, hold_class, location_code, item_code,
    desired.unit, desired.quantity - coalesce(proposed.quantity, 0) as quantity
from desired
left join proposed using (
    document_kind, facility_code, hold_class, location_code, item_code
)
where desired.quantity > coalesce(proposed.quantity, 0)
order by 1, 2, 3, 4, 5, 6
