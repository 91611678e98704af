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

-- name: months
select
    period,
    min(close_state) as close_state,
    trunc(
        1 - sum(unreconciled_amount) / nullif(sum(compared_amount), 0), 4
    ) as reconciled_rate,
    sum(unreconciled_amount) as unreconciled_amount,
    sum(open_exception_count)::bigint as open_exceptions,
    sum(held_amount) as held_amount,
    sum(accrued_amount) as accrued_amount,
    sum(late_amount) as late_amount,
    max(sealed_at) as sealed_at,
    max(forecast_close_date) as forecast_close_date
from marts.close_cockpit
group by period
having
    max(sealed_at) is null
    or period = (
        select max(newest.period) from ops.period_close as newest
        where newest.sealed_at is not null
    )
order by period;
