-- A month is closed on two people's word, with its accruals; once it is sealed nothing
-- goes into it any more.
create table ops.period_close (
    period text primary key check (period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
    request_id bigint not null references ops.request,
    approved_at timestamptz not null default clock_timestamp(),
    sealed_at timestamptz
);
comment on table ops.period_close is
'One row per month whose close two people agreed on; sealed_at is null while its last documents are on their way';

create table ops.accrual_line (
    request_id bigint not null references ops.request,
    basis text not null check (basis in ('unbilled', 'late')),
    facility_code text not null,
    account_code text not null,
    cost_center_code text not null,
    service_line_code text not null,
    amount numeric(18, 2) not null,
    primary key (
        request_id, basis, facility_code, account_code, cost_center_code,
        service_line_code
    )
);
comment on table ops.accrual_line is
'One row per request to close a month and line that it accrues, USD, debit positive';
comment on column ops.accrual_line.basis is
'unbilled: earned and on no claim; late: not seen yet, expected from earlier months';

create function ops.first_day(period text) returns date
language sql immutable as $$
    select make_date(left(period, 4)::integer, right(period, 2)::integer, 1)
$$;

create function ops.last_day(period text) returns date
language sql immutable as $$
    select (
        make_date(left(period, 4)::integer, right(period, 2)::integer, 1)
        + interval '1 month' - interval '1 day'
    )::date
$$;

create function ops.is_sealed(day date) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from ops.period_close
        where period = to_char(day, 'YYYY-MM') and sealed_at is not null
    )
$$;

-- What the approved closes want in the books: accrued on the last day of the month, and
-- taken back on the first of the next. The reversal is there from the start.
create view post.accrual_line as
select
    stage.document_kind, line.facility_code, stage.posting_date, line.account_code,
    line.cost_center_code, line.service_line_code,
    sum(line.amount * stage.sign)::numeric(18, 2) as amount
from ops.period_close as closing
inner join ops.accrual_line as line using (request_id)
cross join lateral (
    values
    ('accrual', ops.last_day(closing.period), 1),
    ('accrual_reversal', ops.last_day(closing.period) + 1, -1)
) as stage (document_kind, posting_date, sign)
group by
    stage.document_kind, line.facility_code, stage.posting_date, line.account_code,
    line.cost_center_code, line.service_line_code
having sum(line.amount) <> 0;
comment on view post.accrual_line is
'One row per accrual or reversal, facility, account and cost object that an approved close wants posted';

-- Where a document of a day is taken: on that day, or when its month is sealed or the
-- ERP, as last read, closed its period, on the first of the next that is open. A day of
-- which nothing is known stays; the ERP will say.
create or replace function post.open_date(wanted date) returns date
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select case
        when ops.is_sealed(wanted) or exists (
            select from post.erp_period as closed
            where wanted between closed.first_day and closed.last_day
                and not closed.is_open
        ) then coalesce(
            (
                select min(following.first_day) from post.erp_period as following
                where following.is_open and following.first_day > wanted
                    and not ops.is_sealed(following.first_day)
            ),
            case when ops.is_sealed(wanted) then (
                select min(month)::date
                from generate_series(
                    date_trunc('month', wanted) + interval '1 month',
                    (
                        select ops.first_day(max(period)) + interval '1 month'
                        from ops.period_close where sealed_at is not null
                    ),
                    interval '1 month'
                ) as month
                where not ops.is_sealed(month::date)
            ) end,
            wanted
        )
        else wanted
    end
$$;

-- Whoever releases or claims, and whenever: the seal waits for a release that is under
-- way, and a release for the seal.
create function post.guard_seal() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.document_type <> 'requisition' then
        perform pg_advisory_xact_lock_shared(7320531);
        if ops.is_sealed(new.posting_date) then
            perform post.refuse('PERIOD_CLOSED', format(
                'the month of %s, in which %s is dated, is sealed; the next run dates it '
                'anew', new.posting_date, new.natural_key
            ));
        end if;
    end if;
    return new;
end;
$$;
create trigger guard_seal before update on post.entry
for each row when (
    new.state in ('READY', 'CLAIMED', 'SENDING') and old.state is distinct from new.state
) execute function post.guard_seal();
create trigger guard_new_in_seal before insert on post.entry
for each row execute function post.guard_seal();

-- What is earned in a month and not in its books: charges on no claim, and charges that
-- earlier months, as many days after their end, had not seen yet.
create function ops.accruals_wanted(wanted text, as_of date)
returns table (
    basis text, facility_code text, is_inpatient boolean, cost_center_code text,
    service_line_code text, amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    first date := ops.first_day(wanted);
    grace integer := as_of - ops.last_day(wanted);
begin
    if to_regclass('conformed.fct_charge') is null then
        return;
    end if;
    return query
    with charge as (
        select
            each.facility_code::text as facility, each.is_inpatient as inpatient,
            each.cost_center_code::text as center, each.service_line_code::text as line,
            each.charge_amount as charged, each.is_billed, each.posted_date,
            date_trunc('month', each.service_date)::date as month
        from conformed.fct_charge as each
        where each.hold_reason = ''
            and each.service_date >= first - interval '6 months'
            and each.service_date <= ops.last_day(wanted)
    ),
    lag as (
        select
            facility,
            sum(charged) filter (
                where posted_date > ops.last_day(to_char(month, 'YYYY-MM')) + grace
            ) / nullif(sum(charged) filter (
                where posted_date <= ops.last_day(to_char(month, 'YYYY-MM')) + grace
            ), 0) as late_rate
        from charge where month < first group by facility
    ),
    wants as (
        select 'unbilled' as reason, facility, inpatient, center, line,
            sum(charged) as dollars
        from charge where month = first and not is_billed
        group by facility, inpatient, center, line
        union all
        select 'late', facility, inpatient, center, line,
            round(sum(charged) * max(late_rate), 2)
        from charge join lag using (facility) where month = first
        group by facility, inpatient, center, line
    )
    select reason, facility, inpatient, center, line, dollars
    from wants where dollars > 0;
end;
$$;
comment on function ops.accruals_wanted is
'One row per reason to accrue, facility, kind of care and cost object of a month, USD, as it stands on a day';
revoke execute on function ops.accruals_wanted from public;

-- Writes the lines of a request: receivable against revenue, by the accounts of the books.
create function ops.draft_accruals(id bigint, wanted text, as_of date) returns bigint
language plpgsql as $$
declare
    drafted bigint;
    missing text;
begin
    select string_agg(role.name, ', ') into missing
    from unnest(array[
        'patient_receivable', 'inpatient_revenue', 'outpatient_revenue'
    ]) as role (name)
    where role.name not in (select posting_role from reference.posting_account)
        and exists (select from ops.accruals_wanted(wanted, as_of));
    if missing is not null then
        perform post.refuse('REQUEST_UNFIT', format(
            'reference.posting_account names no account for %s; accruals need one', missing
        ));
    end if;
    insert into ops.accrual_line
    select
        id, side.basis, side.facility_code, account.account_code, side.cost_center_code,
        side.service_line_code, sum(side.amount)
    from (
        select basis, facility_code, 'patient_receivable' as posting_role,
            '' as cost_center_code, '' as service_line_code, amount
        from ops.accruals_wanted(wanted, as_of)
        union all
        select basis, facility_code,
            case when is_inpatient then 'inpatient_revenue' else 'outpatient_revenue' end,
            cost_center_code, service_line_code, -amount
        from ops.accruals_wanted(wanted, as_of)
    ) as side
    join reference.posting_account as account using (posting_role)
    group by 2, 3, 4, 5, 6;
    get diagnostics drafted = row_count;
    return drafted;
end;
$$;

create function ops.guard_accrual_line() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
        select from ops.request
        where request_id = new.request_id and scope_sha256 = '' and action = 'close_month'
    ) then
        perform post.refuse('REQUEST_CHANGED', 'a request accrues no more than it did');
    end if;
    return new;
end;
$$;
create trigger guard_accrual_line before insert on ops.accrual_line
for each row execute function ops.guard_accrual_line();
create trigger append_only before update or delete or truncate on ops.accrual_line
for each statement execute function ops.refuse_change();

-- The checklist: what must be true of a month before it is sealed, and what is told.
create function ops.close_checklist(wanted text)
returns table (
    item_number integer, item text, question text, is_required boolean, is_met boolean,
    amount numeric, item_count bigint, owner text
)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with entry as (
        select each.*, to_char(each.posting_date, 'YYYY-MM') = wanted as is_booked_here
        from post.entry as each
        where to_char(each.origin_date, 'YYYY-MM') = wanted
            or to_char(each.posting_date, 'YYYY-MM') = wanted
    ),
    newest as (
        select * from ops.reconciliation_run order by run_id desc limit 1
    ),
    closing as (select * from ops.period_close where period = wanted),
    breaks as (
        select
            count(*) as breaks,
            coalesce(sum(abs(line.difference_amount)) filter (
                where line.scope = 'account'
            ), 0) as off
        from ops.reconciliation_line as line
        join newest using (run_id)
        where line.period = wanted and line.break_name <> ''
    ),
    unposted as (
        select count(*) as lines, coalesce(sum(greatest(wants.amount, 0)), 0) as off
        from post.accrual_line as wants
        where to_char(wants.posting_date, 'YYYY-MM') = wanted
            and wants.document_kind = 'accrual'
            and wants.amount is distinct from (
                select sum(line.amount_cents) / 100.0
                from post.ledger as posted
                join post.entry as each using (entry_id)
                join post.entry_line as line using (entry_id)
                where each.document_kind = wants.document_kind
                    and each.facility_code = wants.facility_code
                    and each.origin_date = wants.posting_date
                    and line.account_code = wants.account_code
                    and line.cost_center_code = wants.cost_center_code
                    and line.service_line_code = wants.service_line_code
            )
    ),
    told as (
        select
            count(*) filter (where is_booked_here and state in (
                'READY', 'CLAIMED', 'SENDING', 'UNKNOWN'
            )) as moving,
            sum(total_amount) filter (where is_booked_here and state in (
                'READY', 'CLAIMED', 'SENDING', 'UNKNOWN'
            )) as moving_usd,
            count(*) filter (where is_booked_here and (
                state in ('DEAD', 'CONFLICT')
                or (state = 'REJECTED' and waived_publication_id is null)
            )) as stuck,
            sum(total_amount) filter (where is_booked_here and (
                state in ('DEAD', 'CONFLICT')
                or (state = 'REJECTED' and waived_publication_id is null)
            )) as stuck_usd,
            count(*) filter (where state = 'HELD') as held,
            sum(total_amount) filter (where state = 'HELD') as held_usd,
            max(posted_at) filter (where is_booked_here) as last_posted_at
        from entry
    ),
    accrued as (
        select line.basis, sum(line.amount) as usd, count(*) as lines
        from closing
        join ops.accrual_line as line using (request_id)
        where line.amount > 0 group by line.basis
    )
    select listed.* from told cross join breaks cross join unposted
    cross join lateral (
        values
        (
            1, 'month_over', 'Is the month over?', true,
            current_date > ops.last_day(wanted), 0::numeric, 0::bigint, 'finance'
        ),
        (
            2, 'gate_passed', 'Did the newest data pass the gate?', true,
            coalesce((
                select decision.verdict <> 'BLOCK' from ops.gate_decision as decision
                order by decision.decision_id desc limit 1
            ), false), 0, 0, 'data_engineering'
        ),
        (
            3, 'close_approved', 'Did two people agree on the close?', true,
            exists (select from closing), 0, 0, 'finance'
        ),
        (
            4, 'accruals_posted', 'Are its accruals in the books?', true,
            exists (select from closing) and unposted.lines = 0, unposted.off, unposted.lines,
            'finance'
        ),
        (
            5, 'nothing_moving', 'Is no document of it on its way?', true,
            moving = 0, coalesce(moving_usd, 0), moving, 'finance'
        ),
        (
            6, 'nothing_stuck', 'Is no document of it rejected, dead or in conflict?', true,
            stuck = 0, coalesce(stuck_usd, 0), stuck, 'finance'
        ),
        (
            7, 'reconciled', 'Do warehouse, ledger and ERP agree since its last document?',
            true,
            breaks.breaks = 0 and exists (
                select from newest
                where newest.started_at > coalesce(last_posted_at, '-infinity')
                    and newest.started_at > coalesce(
                        (select approved_at from closing), '-infinity'
                    )
            ), breaks.off, breaks.breaks, 'finance'
        ),
        (
            8, 'nothing_held', 'Is nothing of it held? What is goes to the open month', false,
            held = 0, coalesce(held_usd, 0), held, 'data_steward'
        ),
        (
            9, 'unbilled_accrued', 'Which charges on no claim are accrued?', false, true,
            coalesce((select usd from accrued where basis = 'unbilled'), 0),
            coalesce((select accrued.lines from accrued where basis = 'unbilled'), 0),
            'patient_financial_services'
        ),
        (
            10, 'late_accrued', 'Which charges are expected late, and accrued?', false, true,
            coalesce((select usd from accrued where basis = 'late'), 0),
            coalesce((select accrued.lines from accrued where basis = 'late'), 0),
            'revenue_integrity'
        )
    ) as listed (
        item_number, item, question, is_required, is_met, amount, item_count, owner
    )
$$;
comment on function ops.close_checklist is
'One row per thing that a close looks at in a month: whether it is so, its USD and documents, and who acts. What is not required is told only';
