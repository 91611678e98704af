-- What a person is told without asking: once when it starts, once when it ends.

create table ops.alert_policy (
    is_only boolean primary key default true check (is_only),
    quiet interval not null check (quiet >= interval '0'),
    hourly_limit integer not null check (hourly_limit > 0)
);
comment on table ops.alert_policy is
'The one row of how alerts are told: how long a cause is gone before the alert ends, and how many messages an hour each channel takes at most';
insert into ops.alert_policy (quiet, hourly_limit) values (interval '10 minutes', 30);

create view ops.alert_cause as
select
    'stuck:' || stuck.work || ':' || stuck.owner as cause,
    stuck.owner,
    min(stuck.since) as since,
    count(*) as cause_count,
    min(stuck.what) as what,
    min(stuck.next_action) as next_action
from ops.stuck_work as stuck
group by stuck.work, stuck.owner
union all
select
    'gate', 'data_engineering', newest.decided_at, 1,
    'The gate is closed: nothing new is published or posted',
    'see `ledgerline gate show`; docs/runbooks/gate_closed.md'
from (
    select decision.verdict, decision.decided_at
    from ops.gate_decision as decision
    order by decision.decision_id desc
    limit 1
) as newest
where newest.verdict = 'BLOCK'
union all
select
    'erp:' || breaker.adapter, 'data_engineering', breaker.since, breaker.failures,
    'The ERP does not answer, and nothing is sent to it',
    'see docs/runbooks/posting_stuck.md'
from post.erp_breaker as breaker
where breaker.position <> 'closed'
union all
select
    'reconciliation', 'finance', max(line.reconciled_at), count(*),
    'Warehouse, outbox, ledger and ERP differ',
    'see docs/runbooks/reconciliation_break.md'
from marts.reconciliation as line
where line.break_name <> ''
having count(*) > 0;
comment on view ops.alert_cause is
'One row per thing that somebody is told of while it lasts: overdue work by kind and owner, a closed gate, an ERP that does not answer, ledgers that differ. Live; no patient values';

create table ops.alert (
    alert_id bigint generated always as identity primary key,
    cause text not null,
    owner text not null,
    since timestamptz not null,
    cause_count bigint not null,
    what text not null,
    next_action text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    ended_at timestamptz
);
create unique index alert_open on ops.alert (cause) where ended_at is null;
comment on table ops.alert is
'One row per alert: a cause, from when it was seen first until it was gone for a while';
comment on column ops.alert.cause_count is 'How many things it was when it was seen last';
comment on column ops.alert.seen_at is
'When the cause was seen last; the alert ends when that is long enough ago';

create table ops.alert_message (
    alert_id bigint not null references ops.alert,
    phase text not null check (phase in ('started', 'ended')),
    channel text not null,
    attempts integer not null default 0,
    next_at timestamptz not null,
    error text not null default '',
    sent_at timestamptz,
    primary key (alert_id, phase, channel)
);
create index alert_message_waiting on ops.alert_message (channel, next_at)
where sent_at is null;
create index alert_message_sent on ops.alert_message (channel, sent_at);
comment on table ops.alert_message is
'One row per alert, start or end of it, and channel that tells it: sent, or when it is tried next';

create function ops.note_alerts(asked_at timestamptz, channels text [])
returns integer
language plpgsql as $$
declare
    noted integer;
begin
    insert into ops.alert as known (
        cause, owner, since, cause_count, what, next_action, started_at, seen_at
    )
    select
        cause.cause, cause.owner, cause.since, cause.cause_count, cause.what,
        cause.next_action, asked_at, asked_at
    from ops.alert_cause as cause
    order by cause.since, cause.cause
    on conflict (cause) where ended_at is null do update
    set seen_at = asked_at, cause_count = excluded.cause_count;
    update ops.alert as gone
    set ended_at = asked_at
    from ops.alert_policy as policy
    where gone.ended_at is null and gone.seen_at < asked_at - policy.quiet;
    insert into ops.alert_message (alert_id, phase, channel, next_at)
    select known.alert_id, told.phase, channel.name, asked_at
    from ops.alert as known
    cross join unnest(channels) as channel (name)
    cross join (values ('started'), ('ended')) as told (phase)
    where
        (told.phase = 'started' and known.ended_at is null)
        or (
            told.phase = 'ended'
            and known.ended_at = asked_at
            and exists (
                select from ops.alert_message as before
                where
                    before.alert_id = known.alert_id
                    and before.phase = 'started'
                    and before.channel = channel.name
            )
        )
    on conflict do nothing;
    get diagnostics noted = row_count;
    return noted;
end;
$$;
comment on function ops.note_alerts is
'Begin an alert for every new cause, end those whose cause is gone, queue what is to be told; returns how many messages';
