-- How long each kind of data is kept, as data, and why what is kept for good is.

create table ops.retention_policy (
    what text primary key,
    keep interval check (keep >= interval '1 day'),
    reason text not null
);
comment on table ops.retention_policy is
'One row per kind of data: how long it is kept after its last change, null for good, and why';

insert into ops.retention_policy (what, keep, reason) values
('logs', interval '90 days', 'Log files of runs, tasks and dbt, for the cause of a failure'),
('alerts', interval '400 days', 'Alerts that ended and the messages that told them'),
('call answers', interval '1 day', 'First answers to writes of the page, and the pace of callers'),
('received bytes', null, 'Certificates, `ledgerline verify`, replay and trace read them'),
('publications', null, 'What readers saw and what posted documents rest on'),
('postings', null, 'The outbox and its ledger are what keeps a document from being sent twice'),
('audit chain', null, 'A chain with a link taken out no longer proves anything');

create function ops.retained(kind text, before timestamptz)
returns table (due_count bigint, due_bytes bigint)
language sql stable as $$
    select count(*), coalesce(sum(old.size), 0)
    from (
        select pg_column_size(alert.*) as size
        from ops.alert as alert
        where kind = 'alerts' and alert.ended_at < before
        union all
        select pg_column_size(given.*)
        from ops.call_answer as given
        where kind = 'call answers' and given.begun_at < before
    ) as old
$$;
comment on function ops.retained is
'How many rows of a kind are older than a moment, and their bytes; none of what is not kept in rows';

create function ops.forget(kind text, before timestamptz)
returns bigint
language plpgsql as $$
declare
    gone bigint := 0;
begin
    if kind = 'alerts' then
        delete from ops.alert_message as message
        using ops.alert as alert
        where message.alert_id = alert.alert_id and alert.ended_at < before;
        delete from ops.alert as alert where alert.ended_at < before;
        get diagnostics gone = row_count;
    elsif kind = 'call answers' then
        delete from ops.call_pace as pace where pace.free_at < before;
        delete from ops.call_answer as given where given.begun_at < before;
        get diagnostics gone = row_count;
    end if;
    return gone;
end
$$;
comment on function ops.forget is
'Deletes the rows of a kind that are older than a moment and returns how many; refuses nothing, because what is kept for good has no branch here';
