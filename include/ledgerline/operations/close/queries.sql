-- name: checklist
select
    item, question, is_required, is_met, amount::numeric(18, 2) as amount, item_count,
    owner
from ops.close_checklist(%(period)s)
order by item_number;

-- name: state
select request_id, approved_at, sealed_at
from ops.period_close
where period = %(period)s;

-- name: next_month
-- The oldest month that is over, has documents and is not sealed.
select coalesce(
    min(to_char(entry.posting_date, 'YYYY-MM')),
    to_char(current_date - interval '1 month', 'YYYY-MM')
)
from post.entry
where
    posting_date < date_trunc('month', current_date)
    and not exists (
        select from ops.period_close as close
        where
            close.period = to_char(entry.posting_date, 'YYYY-MM')
            and close.sealed_at is not null
    );

-- name: seal
update ops.period_close set sealed_at = clock_timestamp()
where period = %(period)s
returning sealed_at;
