-- How far each month is, and what does not agree: whose it is, since when, and why.
create table ops.break_cause (
    break_name text primary key,
    owner text not null,
    cause text not null,
    next_step text not null
);
comment on table ops.break_cause is
'One row per kind of break between the systems: who acts, what is usually behind it, and what to do';
insert into ops.break_cause (break_name, owner, cause, next_step) values
('NOT_PROPOSED', 'data_engineering', 'published after the last posting run', 'run post_to_erp'),
('NOT_POSTED', 'finance', 'the ERP did not take a document', 'docs/runbooks/posting_stuck.md'),
('ERP_DIFFERS', 'finance', 'booked, changed or deleted in the ERP by hand', 'correct it in the ERP by a reversing entry'),
('ERP_MISSING', 'finance', 'a document that we posted was deleted or cancelled in the ERP', 'restore it in the ERP, or ask for its compensation'),
('ERP_UNEXPECTED', 'finance', 'somebody booked in the ERP under our prefix', 'reverse it in the ERP'),
('ERP_DOUBLED', 'finance', 'a document was copied in the ERP with its reference', 'reverse the copy in the ERP'),
('CONTENT_DIFFERS', 'finance', 'lines of a document were changed in the ERP', 'correct it in the ERP by a reversing entry'),
('NUMBER_DIFFERS', 'finance', 'the ERP numbered a document anew', 'docs/runbooks/reconciliation_break.md');
create trigger append_only before update or delete or truncate on ops.break_cause
for each statement execute function ops.refuse_change();

create view marts.reconciliation_break as
with newest as (
    select run_id, finished_at from ops.reconciliation_run order by run_id desc limit 1
)

select
    line.facility_code,
    line.period,
    line.scope,
    line.account_code,
    line.subject,
    line.system_pair,
    line.difference_amount,
    line.unit,
    line.break_name,
    case
        when line.scope in ('stock', 'requisition') then 'supply_chain' else cause.owner
    end as owner,
    since.first_seen_at,
    newest.finished_at::date - since.first_seen_at::date as age_days_count,
    concat_ws('; ', cause.cause, stuck.words, document.words) as probable_cause,
    cause.next_step
from newest
inner join ops.reconciliation_line as line using (run_id)
inner join ops.break_cause as cause using (break_name)
cross join lateral (
    select min(run.finished_at) as first_seen_at
    from ops.reconciliation_run as run
    where run.run_id > coalesce((
        select max(whole.run_id) from ops.reconciliation_run as whole
        where not exists (
            select from ops.reconciliation_line as same
            where same.run_id = whole.run_id and same.scope = line.scope
                and same.system_pair = line.system_pair
                and same.facility_code = line.facility_code
                and same.period = line.period
                and same.account_code = line.account_code
                and same.subject = line.subject and same.break_name <> ''
        )
    ), 0)
) as since
left join lateral (
    select format(
        '%s documents are %s', count(*),
        string_agg(distinct concat_ws(' ', entry.state, entry.last_error_code), ', ')
    ) as words
    from post.entry as entry
    where line.break_name = 'NOT_POSTED' and entry.facility_code = line.facility_code
        and to_char(entry.origin_date, 'YYYY-MM') = line.period
        and entry.waived_publication_id is null
        and entry.state in ('REJECTED', 'DEAD', 'CONFLICT')
    having count(*) > 0
) as stuck on true
left join lateral (
    select string_agg(
        told.break_name || ' ' || told.subject, ', ' order by told.subject
    ) as words
    from ops.reconciliation_line as told
    where line.break_name = 'ERP_DIFFERS' and told.run_id = line.run_id
        and told.scope = 'document' and told.facility_code = line.facility_code
) as document on true;

comment on view marts.reconciliation_break is
'One row per thing that two systems do not agree on, as of the newest reconciliation';
comment on column marts.reconciliation_break.facility_code is 'Facility that the documents name';
comment on column marts.reconciliation_break.period is
'Accounting period, yyyy-mm; empty of documents and requisitions';
comment on column marts.reconciliation_break.scope is
'What is compared: account, cost_object, stock, requisition or document';
comment on column marts.reconciliation_break.account_code is
'Ledger account; empty of stock, requisitions and documents';
comment on column marts.reconciliation_break.subject is
'Cost center|service line, store|item|lot, item asked for, or our reference of a document; empty for accounts';
comment on column marts.reconciliation_break.system_pair is
'The two sides compared: warehouse:outbox, outbox:ledger or ledger:erp';
comment on column marts.reconciliation_break.difference_amount is
'Left less right less what is in flight, in unit';
comment on column marts.reconciliation_break.unit is 'USD, or u for pieces';
comment on column marts.reconciliation_break.break_name is
'NOT_PROPOSED, NOT_POSTED or ERP_DIFFERS; of documents what is wrong with them';
comment on column marts.reconciliation_break.owner is 'Team that acts';
comment on column marts.reconciliation_break.first_seen_at is
'When it was first found, without a reconciliation in between that agreed, UTC';
comment on column marts.reconciliation_break.age_days_count is
'Days from then to the newest reconciliation';
comment on column marts.reconciliation_break.probable_cause is
'What is usually behind it, and what the outbox or the ERP says of its documents';
comment on column marts.reconciliation_break.next_step is 'What to do';

create view marts.close_cockpit as
with compared as (
    select
        line.facility_code,
        line.period,
        sum(greatest(abs(line.left_amount), abs(line.right_amount))) as compared_amount,
        sum(least(
            greatest(abs(line.left_amount), abs(line.right_amount)),
            abs(line.difference_amount) + abs(line.in_flight_amount)
        )) as open_amount,
        count(*) filter (where line.break_name <> '') as break_count
    from ops.reconciliation_line as line
    where line.scope = 'account' and line.run_id = (
        select max(run.run_id) from ops.reconciliation_run as run
    )
    group by line.facility_code, line.period
),

entry as (
    select
        each.facility_code,
        to_char(each.origin_date, 'YYYY-MM') as period,
        coalesce(sum(each.total_amount) filter (where each.state = 'HELD'), 0) as held_amount,
        coalesce(sum(each.total_amount) filter (where each.posting_date > ops.last_day(
            to_char(each.origin_date, 'YYYY-MM')
        )), 0) as late_amount,
        coalesce(sum(each.total_amount) filter (
            where each.document_kind = 'accrual' and each.state = 'POSTED'
        ), 0) as accrued_amount,
        count(*) filter (
            where each.state in ('HELD', 'DEAD', 'CONFLICT', 'REJECTED')
        ) as waiting_count
    from post.entry as each
    where each.state <> 'CANCELLED' and each.waived_publication_id is null
        and each.document_type <> 'requisition'
    group by each.facility_code, to_char(each.origin_date, 'YYYY-MM')
),

usual as (
    select coalesce(percentile_disc(0.5) within group (
        order by sealed_at::date - ops.last_day(period)
    ), 5) as days
    from ops.period_close
    where sealed_at is not null
)

select
    facility_code,
    period,
    case
        when closing.sealed_at is not null then 'sealed'
        when closing.approved_at is not null then 'approved'
        else 'open'
    end as close_state,
    coalesce(compared.compared_amount, 0)::numeric(18, 2) as compared_amount,
    coalesce(compared.open_amount, 0)::numeric(18, 2) as unreconciled_amount,
    (
        1 - compared.open_amount / nullif(compared.compared_amount, 0)
    )::numeric(9, 6) as reconciled_rate,
    (coalesce(entry.waiting_count, 0) + coalesce(compared.break_count, 0))
        as open_exception_count,
    coalesce(entry.held_amount, 0)::numeric(18, 2) as held_amount,
    coalesce(entry.accrued_amount, 0)::numeric(18, 2) as accrued_amount,
    coalesce(entry.late_amount, 0)::numeric(18, 2) as late_amount,
    closing.sealed_at,
    coalesce(
        closing.sealed_at::date,
        greatest(
            ops.last_day(period) + usual.days,
            current_date + (
                coalesce(entry.waiting_count, 0) + coalesce(compared.break_count, 0) > 0
            )::integer
        )
    ) as forecast_close_date
from compared
full join entry using (facility_code, period)
left join ops.period_close as closing using (period)
cross join usual
where period <> '';

comment on view marts.close_cockpit is
'One row per facility and month: how far its close is, as of the newest reconciliation';
comment on column marts.close_cockpit.facility_code is 'Facility that the documents name';
comment on column marts.close_cockpit.period is 'Accounting period, yyyy-mm';
comment on column marts.close_cockpit.close_state is
'open; approved by two people; or sealed, so that nothing is dated into it any more';
comment on column marts.close_cockpit.compared_amount is
'Balances of its accounts that were compared, over the three pairs of systems, USD without sign';
comment on column marts.close_cockpit.unreconciled_amount is
'The part of them that differs or is still on its way, USD';
comment on column marts.close_cockpit.reconciled_rate is
'The rest as a part of all; null when nothing was compared';
comment on column marts.close_cockpit.open_exception_count is
'Documents that are held, rejected, dead or in conflict, and accounts that differ';
comment on column marts.close_cockpit.held_amount is 'Documents held back, USD';
comment on column marts.close_cockpit.accrued_amount is 'Accruals in the books of the month, USD';
comment on column marts.close_cockpit.late_amount is
'Documents about the month that are dated in a later one, USD';
comment on column marts.close_cockpit.sealed_at is 'When the month was sealed, UTC; null before';
comment on column marts.close_cockpit.forecast_close_date is
'When it was sealed; before, as many days after its end as half of the closes needed (5 until there was one), not earlier than today, nor than tomorrow while exceptions are open';

grant select on marts.reconciliation_break, marts.close_cockpit
to ledgerline_analyst, ledgerline_executive;
