-- What the warehouse wants, the outbox holds, our ledger says and the ERP shows.
create table ops.reconciliation_run (
    run_id bigint generated always as identity primary key,
    publication_id bigint references ops.publication,
    started_at timestamptz not null,
    finished_at timestamptz not null default clock_timestamp(),
    line_count integer not null,
    break_count integer not null,
    difference_amount numeric(18, 2) not null,
    in_flight_amount numeric(18, 2) not null
);
comment on table ops.reconciliation_run is
'One row per comparison of the systems; difference_amount is the sum of absolute differences in USD';

create table ops.reconciliation_line (
    run_id bigint not null references ops.reconciliation_run,
    scope text not null check (scope in ('account', 'cost_object', 'stock', 'document')),
    system_pair text not null,
    facility_code text not null,
    period text not null,
    account_code text not null,
    subject text not null,
    unit text not null,
    left_amount numeric(18, 4) not null,
    right_amount numeric(18, 4) not null,
    in_flight_amount numeric(18, 4) not null,
    difference_amount numeric(18, 4) generated always as (
        left_amount - right_amount - in_flight_amount
    ) stored,
    break_name text not null,
    primary key (
        run_id, scope, system_pair, facility_code, period, account_code, subject
    )
);
comment on table ops.reconciliation_line is
'One row per run, pair of systems and what is compared: accounts, cost objects, stock, documents';
comment on column ops.reconciliation_line.subject is
'Cost center|service line, store|item|lot, or our reference of a document; empty for accounts';
comment on column ops.reconciliation_line.break_name is
'What is wrong; empty when the two sides agree';

create trigger append_only before update or delete or truncate on ops.reconciliation_run
for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate on ops.reconciliation_line
for each statement execute function ops.refuse_change();

create view marts.reconciliation as
select
    line.facility_code,
    line.period,
    line.account_code,
    line.system_pair,
    line.left_amount::numeric(18, 2) as left_amount,
    line.right_amount::numeric(18, 2) as right_amount,
    line.in_flight_amount::numeric(18, 2) as in_flight_amount,
    line.difference_amount::numeric(18, 2) as difference_amount,
    line.unit as currency,
    line.break_name,
    run.finished_at as reconciled_at
from ops.reconciliation_line as line
inner join ops.reconciliation_run as run using (run_id)
where
    line.scope = 'account'
    and line.run_id = (select max(newest.run_id) from ops.reconciliation_run as newest);

comment on view marts.reconciliation is
'One row per facility, period, account and pair of systems compared, as of the newest reconciliation';
comment on column marts.reconciliation.facility_code is 'Facility that the documents name';
comment on column marts.reconciliation.period is 'Accounting period, yyyy-mm, of the posting date';
comment on column marts.reconciliation.account_code is 'Ledger account';
comment on column marts.reconciliation.system_pair is
'The two sides compared: warehouse:outbox, outbox:ledger or ledger:erp';
comment on column marts.reconciliation.left_amount is 'Balance of the first system, debit positive';
comment on column marts.reconciliation.right_amount is 'Balance of the second system, debit positive';
comment on column marts.reconciliation.in_flight_amount is
'The part of the difference that entries still on their way explain (held, ready or being sent)';
comment on column marts.reconciliation.difference_amount is
'Left less right less in flight: 0.00, or the break that break_name names';
comment on column marts.reconciliation.currency is 'Currency of the amounts';
comment on column marts.reconciliation.break_name is
'NOT_PROPOSED, NOT_POSTED or ERP_DIFFERS; empty when the systems agree';
comment on column marts.reconciliation.reconciled_at is 'When the systems were compared';

grant select on marts.reconciliation to ledgerline_analyst, ledgerline_executive;
