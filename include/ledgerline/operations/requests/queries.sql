-- name: requests
select
    request.request_id,
    request.action,
    request.reason,
    request.erp_document,
    request.state,
    request.requested_by,
    request.requested_at,
    ops.request_expires_at(request.requested_at) as expires_at,
    request.decided_by,
    request.decided_at,
    (
        select array_agg(covered.subject order by covered.subject)
        from ops.request_subject as covered
        where covered.request_id = request.request_id
    ) as subjects,
    (
        select coalesce(sum(entry.total_amount), 0)
        from ops.request_subject as covered
        inner join post.entry as entry on covered.subject = entry.entry_id::text
        where covered.request_id = request.request_id
    ) + (
        select coalesce(sum(line.amount), 0)
        from ops.accrual_line as line
        where line.request_id = request.request_id and line.amount > 0
    ) as amount
from ops.request as request
where
    request.request_id = %(request_id)s
    or (%(request_id)s is null and request.state = 'proposed')
order by request.request_id;

-- name: entries
-- What the words of a command name; for a replay also a state stands for its entries.
select entry.entry_id::text as subject
from post.entry as entry
where
    entry.natural_key in (%(word)s, substring(%(word)s from '^LL[|](.*)$'))
    or entry.erp_document = %(word)s
    or entry.entry_id::text = lower(%(word)s)
    or (%(action)s = 'replay' and entry.state = %(word)s)
order by entry.order_sequence;

-- name: described
select
    entry.natural_key, entry.state, entry.total_amount, entry.erp_document,
    entry.last_error_code
from ops.request_subject as covered
inner join post.entry as entry on covered.subject = entry.entry_id::text
where covered.request_id = %(request_id)s
order by entry.order_sequence;

-- name: insert_request
insert into ops.request (action, reason, erp_document, requested_by)
values (%(action)s, %(reason)s, %(erp_document)s, %(by)s)
returning request_id;

-- name: insert_subjects
insert into ops.request_subject (request_id, subject)
select %(request_id)s, subject from unnest(%(subjects)s::text[]) as subject;

-- name: draft_accruals
-- What is not a month is refused when the request is sealed.
select ops.draft_accruals(%(request_id)s, period, current_date)
from unnest(%(subjects)s::text[]) as period
where period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$';

-- name: seal
-- The database puts the hash of what it covers.
update ops.request set scope_sha256 = 'sealed' where request_id = %(request_id)s;

-- name: decide
update ops.request set state = %(state)s, decided_by = %(by)s
where request_id = %(request_id)s;

-- name: replay
update post.entry
set
    state = case
        when state = 'DEAD' and attempts = 0 then 'READY' else 'UNKNOWN'
    end,
    next_at = clock_timestamp()
where entry_id = any(%(subjects)s::uuid[]) and state in ('DEAD', 'CONFLICT');

-- name: waive
update post.entry set waived_publication_id = publication_id
where
    entry_id = any(%(subjects)s::uuid[])
    and state = 'REJECTED'
    and waived_publication_id is null;

-- name: override
with posted as (
    update post.entry
    set
        state = 'POSTED',
        erp_document = %(erp_document)s,
        posted_at = clock_timestamp()
    where entry_id = any(%(subjects)s::uuid[]) and state = 'CONFLICT'
    returning entry_id, document_type, erp_document, total_amount_cents
)

insert into post.ledger (entry_id, document_type, erp_document, amount_cents)
select entry_id, document_type, erp_document, total_amount_cents from posted;

-- name: close_month
insert into ops.period_close (period, request_id)
select period, %(request_id)s from unnest(%(subjects)s::text[]) as period;

-- name: accruals
select
    basis, facility_code, account_code, cost_center_code, service_line_code, amount
from ops.accrual_line
where request_id = %(request_id)s
order by facility_code, basis, amount desc, cost_center_code, service_line_code;

-- name: originals
select
    entry_id, document_kind, facility_code, origin_date, hold_class, payload
from post.entry
where entry_id = any(%(subjects)s::uuid[])
order by order_sequence;

-- name: link_facts
with usage as (
    insert into post.stock_fact (entry_id, supply_usage_id)
    select %(reversal)s, supply_usage_id
    from post.stock_fact where entry_id = %(original)s
)
insert into post.entry_fact (entry_id, journal_fact_id)
select %(reversal)s, journal_fact_id from post.entry_fact where entry_id = %(original)s;
