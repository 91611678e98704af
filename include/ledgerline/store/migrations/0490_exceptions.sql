-- Everything that waits on a person, as one queue: whose, since when, how many dollars,
-- why, and what to do next. The categories are fixed; who owns one, within which time and
-- by which runbook is a row to be changed here.
create table ops.exception_category (
    category text primary key,
    owner text not null check (btrim(owner) <> ''),
    due_after interval not null check (due_after > interval '0'),
    next_action text not null check (btrim(next_action) <> ''),
    runbook text not null check (runbook ~ '^[a-z0-9_]+$')
);
comment on table ops.exception_category is
'One row per category of exceptions: whose it is by default, how soon it is due, what to do, which page of docs/runbooks';
comment on column ops.exception_category.owner is
'The team that acts, unless the exception itself names another';
insert into ops.exception_category values
('SOURCE_UNAVAILABLE', 'data_engineering', '4 hours', 'reach the source, then run its extract again', 'source_unavailable'),
('AUTH', 'data_engineering', '4 hours', 'give the connection working credentials, then run again', 'source_unavailable'),
('CONTRACT_DRIFT', 'data_engineering', '1 day', 'compare the place with the contract; correct the source or version the contract, then replay', 'quarantine'),
('PARSE', 'data_engineering', '1 day', 'have it delivered again, corrected, or replay once the reader is corrected', 'quarantine'),
('MASTER_DATA', 'data_steward', '2 days', 'map the code (`ledgerline crosswalk worklist`) or add it to the ERP', 'posting_stuck'),
('DUPLICATE_CONFLICT', 'data_steward', '2 days', 'ask the sender which of the two contents is right', 'quarantine'),
('ORDER_WAIT', 'data_engineering', '1 day', 'have what it waits for delivered; it closes by itself', 'handler_stuck'),
('DQ_GATE', 'data_engineering', '4 hours', 'correct the data and build again, or ask to waive the check', 'gate_closed'),
('ERP_REJECTED', 'finance', '1 day', 'correct the data or the mapping and publish, or ask to let later documents pass', 'posting_stuck'),
('ERP_UNKNOWN', 'data_engineering', '4 hours', 'see that the ERP answers, then ask for a replay: it is read back before it is sent', 'posting_stuck'),
('ERP_CONFLICT', 'finance', '1 day', 'say which document of the ERP is ours (override), or correct it there and ask for a replay', 'posting_stuck'),
('PERIOD_CLOSED', 'finance', '1 day', 'open the period in the ERP, or let the next run date it anew', 'posting_stuck'),
('RECON_BREAK', 'finance', '1 day', 'find the document behind the difference with `ledgerline trace`', 'reconciliation_break'),
('SECURITY', 'security', '1 hour', 'tell security before anyone opens it; take nothing more from this sender', 'quarantine');

create table ops.exception_class (
    class text primary key,
    category text not null references ops.exception_category
);
comment on table ops.exception_class is
'One row per class of the quarantine that is not simply PARSE: its category';
insert into ops.exception_class values
('CONTRACT_DRIFT', 'CONTRACT_DRIFT'),
('CODE_INVALID', 'CONTRACT_DRIFT'),
('DUPLICATE_CONFLICT', 'DUPLICATE_CONFLICT'),
('MERGE_CONFLICT', 'DUPLICATE_CONFLICT'),
('ORDER_WAIT', 'ORDER_WAIT'),
('FILE_INCOMPLETE', 'SOURCE_UNAVAILABLE'),
('FILE_UNREADABLE', 'SOURCE_UNAVAILABLE'),
('PATH_TRAVERSAL', 'SECURITY'),
('RESOURCE_LIMIT', 'SECURITY'),
('SSRF_BLOCKED', 'SECURITY'),
('XML_FORBIDDEN', 'SECURITY');

-- The marts are published later than this, and made anew: no view may depend on one.
create function ops.unmapped_codes()
returns table (
    code_set text, source_system text, facility_code text, native_code text,
    amount numeric, since timestamptz
)
language plpgsql stable as $$
begin
    if to_regclass('marts.unmapped_code') is not null then
        return query
        select code.code_set::text, code.source_system::text, code.facility_code::text,
            code.native_code::text, code.touched_amount::numeric,
            code.first_seen_date::timestamp at time zone 'UTC'
        from marts.unmapped_code as code;
    end if;
end;
$$;
comment on function ops.unmapped_codes is
'The codes that nobody mapped, by the dollars they touch; nothing before the first publication';

create function ops.break_since(line ops.reconciliation_line) returns timestamptz
language sql stable as $$
    select min(run.finished_at)
    from ops.reconciliation_run as run
    where run.run_id <= line.run_id and run.run_id > coalesce((
        select max(even.run_id)
        from ops.reconciliation_run as even
        left join ops.reconciliation_line as was
            on was.run_id = even.run_id and was.scope = line.scope
                and was.system_pair = line.system_pair
                and was.facility_code = line.facility_code
                and was.period = line.period
                and was.account_code = line.account_code
                and was.subject = line.subject
        where even.run_id < line.run_id and coalesce(was.break_name, '') = ''
    ), 0)
$$;
comment on function ops.break_since is
'When a break was found first, without a reconciliation in between that did not find it';

-- What each queue holds; owner, cause and next action are empty where the category's do.
create view ops.exception_source as
select
    'quarantine' as queue,
    refused.quarantine_id::text as exception_id,
    coalesce(class.category, 'PARSE') as category,
    refused.owner,
    refused.created_at as since,
    refused.due_at,
    null::numeric as amount,
    format('%s at %s: %s', refused.class, refused.locator, refused.message) as cause,
    null as next_action,
    case when refused.file_id is not null then 'land' else '' end as command
from ops.quarantined_record as refused
left join ops.exception_class as class on refused.class = class.class
where refused.status = 'open'
union all
select
    'gate', held.entry_id::text,
    (array_agg(held.category order by held.category))[1],
    (array_agg(held.owner order by held.category))[1],
    held.created_at, null, held.total_amount,
    string_agg(held.explanation, '; ' order by held.category, held.explanation),
    null, ''
from post.held_entry as held
group by held.entry_id, held.created_at, held.total_amount
union all
select
    'gate',
    concat_ws('/', result.engine, result.suite, result.check_name)
    || coalesce('@' || result.scope_facility, ''),
    'DQ_GATE', null, result.checked_at, null, null,
    format(
        'the check %s at the newest decision (%s): %s, expected %s',
        case result.status when 'fail' then 'failed' else 'was not evaluated' end,
        decision.verdict, coalesce(nullif(result.observed, ''), 'nothing'),
        coalesce(nullif(result.expected, ''), 'something else')
    ),
    null,
    case result.status when 'fail' then 'waive_check' else '' end
from (
    select run_id, verdict from ops.gate_decision order by decision_id desc limit 1
) as decision
inner join ops.newest_check_result as result on decision.run_id = result.run_id
where
    decision.verdict <> 'PASS'
    and result.status <> 'pass'
    and result.severity in ('block', 'hold')
union all
select
    'posting', entry.entry_id::text,
    case entry.state
        when 'REJECTED' then 'ERP_REJECTED'
        when 'CONFLICT' then 'ERP_CONFLICT'
        else 'ERP_UNKNOWN'
    end,
    null,
    coalesce(
        (
            select max(attempt.ended_at) from post.attempt as attempt
            where attempt.entry_id = entry.entry_id
        ),
        entry.created_at
    ),
    null, entry.total_amount,
    format(
        '%s is %s%s', entry.natural_key, entry.state,
        coalesce(' (' || nullif(entry.last_error_code, '') || ')', '')
    ),
    null,
    case entry.state
        when 'REJECTED' then 'waive'
        when 'UNKNOWN' then ''
        else 'replay'
    end
from post.entry as entry
where
    entry.state in ('CONFLICT', 'DEAD', 'UNKNOWN')
    or (entry.state = 'REJECTED' and entry.waived_publication_id is null)
union all
select
    'reconciliation',
    concat_ws(
        '/', line.scope, line.system_pair, line.facility_code, line.period,
        line.account_code, nullif(line.subject, '')
    ),
    'RECON_BREAK', null, ops.break_since(line), null,
    -- By account only, so that no dollar stands here twice.
    case when line.scope = 'account' then abs(line.difference_amount) end,
    format(
        '%s: %s %s, off by %s %s', line.break_name, line.facility_code, line.period,
        round(line.difference_amount, 2), line.unit
    ),
    null, ''
from ops.reconciliation_line as line
where
    line.run_id = (select max(run_id) from ops.reconciliation_run)
    and line.break_name <> ''
union all
select
    'mapping',
    concat_ws(
        '/', code.code_set, code.source_system, code.facility_code, code.native_code
    ),
    'MASTER_DATA', null, code.since, null, code.amount,
    format('nobody mapped %s %s', code.code_set, code.native_code), null, ''
from ops.unmapped_codes() as code
union all
select
    'workflow', step.instance_id || '/' || step.step, 'ORDER_WAIT', step.owner,
    step.expected_at, step.due_at, null, rule.question, rule.next_action, ''
from ops.expected_step as step
inner join ops.step_rule as rule on step.step = rule.step
where
    step.happened_at is null
    and step.withdrawn_at is null
    and step.due_at < clock_timestamp()
union all
select
    'workflow', delivery.handler || '/' || delivery.event_id, 'ORDER_WAIT', null,
    event.emitted_at, null, null, 'The handler ends in ' || delivery.error_code,
    'remove the cause, then `ledgerline events retry ' || delivery.handler || '`', ''
from ops.event_delivery as delivery
inner join ops.event as event on delivery.event_id = event.event_id
where delivery.state = 'failed'
union all
select
    'source', batch.source || '/' || batch.batch_id, 'SOURCE_UNAVAILABLE', null,
    coalesce(batch.finished_at, batch.started_at), null, null,
    'the newest extract of ' || batch.source || ' failed', null, ''
from ops.landing_batch as batch
where
    batch.status = 'failed'
    and batch.batch_id = (
        select max(newest.batch_id) from ops.landing_batch as newest
        where newest.source = batch.source
    );
comment on view ops.exception_source is
'What ops.exception is made of: one row per thing that waits on a person, before its category fills it up';

create view ops.exception as
select
    source.queue,
    source.exception_id,
    source.category,
    coalesce(source.owner, known.owner) as owner,
    source.since,
    coalesce(source.due_at, source.since + known.due_after) as due_at,
    coalesce(source.due_at, source.since + known.due_after) < clock_timestamp()
        as is_overdue,
    source.amount,
    source.cause,
    coalesce(source.next_action, known.next_action) as next_action,
    source.command,
    case source.queue when 'quarantine' then 'quarantine' else known.runbook end
        as runbook
from ops.exception_source as source
inner join ops.exception_category as known on source.category = known.category;
comment on view ops.exception is
'One row per thing that waits on a person: queue, owner, age, dollars, cause, next action. Live; no patient values';
comment on column ops.exception.exception_id is
'Within its queue: number of the quarantine, id of an entry, check, break, code or step';
comment on column ops.exception.amount is
'USD that wait; empty where nobody can tell. Adds up within a queue, not over queues';
comment on column ops.exception.command is
'land: replayed at once; replay, waive, waive_check: a second person approves; empty: nothing to command';
