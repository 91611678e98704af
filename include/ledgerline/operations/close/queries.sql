-- name: checklist
select item, question, is_required, is_met, amount, item_count, owner
from ops.close_checklist(%(period)s)
order by item_number;

-- name: state
select request_id, approved_at, sealed_at
from ops.period_close
where period = %(period)s;

-- name: newest
-- The newest month that is over and has documents.
select coalesce(
    max(to_char(posting_date, 'YYYY-MM')),
    to_char(current_date - interval '1 month', 'YYYY-MM')
)
from post.entry
where posting_date < date_trunc('month', current_date);

-- name: seal
update ops.period_close set sealed_at = clock_timestamp()
where period = %(period)s
returning sealed_at;
