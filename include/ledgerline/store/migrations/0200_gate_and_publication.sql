-- What was checked, what the gate decided, what was published. Rows are only ever added.
create table ops.check_result (
    check_result_id bigint generated always as identity primary key,
    evaluation_id uuid not null,
    run_id text not null,
    stage text not null check (stage in ('sources', 'candidates')),
    suite text not null,
    check_name text not null,
    engine text not null check (engine in ('dbt', 'gx', 'control')),
    severity text not null check (severity in ('block', 'hold', 'warn')),
    status text not null check (status in ('pass', 'fail', 'error')),
    observed text not null default '',
    expected text not null default '',
    scope_facility text,
    failed_count bigint,
    checked_at timestamptz not null default clock_timestamp()
);
create index on ops.check_result (run_id, engine, suite, check_name);
comment on table ops.check_result is
'One row per evaluated check, and per facility it concerns: counts and totals, no patient values';
comment on column ops.check_result.evaluation_id is
'One call of one checker. The gate reads, check by check, the newest evaluation of its run';
comment on column ops.check_result.scope_facility is
'The facility that a failed hold check concerns; empty holds everything, so the gate blocks';

create table ops.gate_decision (
    decision_id bigint generated always as identity primary key,
    run_id text not null,
    gate text not null,
    verdict text not null check (verdict in ('PASS', 'HOLD', 'BLOCK')),
    data_hash text not null,
    suite_hash text not null,
    evaluated_count integer not null check (evaluated_count >= 0),
    required_count integer not null check (required_count >= 0),
    held_facilities text[] not null default '{}',
    reasons jsonb not null default '[]',
    decided_at timestamptz not null default clock_timestamp(),
    code_version text not null,
    check (verdict = 'BLOCK' or evaluated_count >= required_count),
    check (verdict = 'BLOCK' or required_count > 0),
    check (
        verdict = 'BLOCK'
        or (verdict = 'HOLD') = (cardinality(held_facilities) > 0)
    )
);
comment on table ops.gate_decision is
'One row per verdict of a gate over exactly the rows behind data_hash, by exactly the checks behind suite_hash';

create table ops.publication (
    publication_id bigint generated always as identity primary key,
    decision_id bigint not null references ops.gate_decision,
    restores_publication_id bigint references ops.publication,
    data_hash text not null,
    suite_hash text not null,
    verdict text not null check (verdict in ('PASS', 'HOLD')),
    code_version text not null,
    published_at timestamptz not null default clock_timestamp(),
    published_by text not null default current_user,
    held_facilities text[] not null default '{}',
    row_counts jsonb not null default '{}'
);
create unique index publication_uses_a_decision_once
on ops.publication (decision_id) where restores_publication_id is null;
comment on table ops.publication is
'One row per publication: readers see the rows that the newest one left open';
comment on column ops.publication.restores_publication_id is
'Set when this publication is a revert: the earlier publication whose rows it shows again';
comment on column ops.publication.row_counts is
'Per relation: open rows after this publication, rows added and rows closed by it';

create function ops.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only: % is refused',
        tg_table_schema, tg_table_name, lower(tg_op)
        using errcode = 'insufficient_privilege';
end;
$$;

create trigger append_only before update or delete or truncate on ops.check_result
for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate on ops.gate_decision
for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate on ops.publication
for each statement execute function ops.refuse_change();

-- A publication repeats its decision word for word; nothing else can be inserted.
create function ops.publication_follows_decision() returns trigger
language plpgsql as $$
begin
    if not exists (
        select from ops.gate_decision
        where decision_id = new.decision_id
            and verdict = new.verdict
            and data_hash = new.data_hash
            and suite_hash = new.suite_hash
            and held_facilities = new.held_facilities
    ) then
        raise exception 'publication differs from decision %', new.decision_id
            using errcode = 'check_violation';
    end if;
    return new;
end;
$$;
create trigger follows_decision before insert on ops.publication
for each row execute function ops.publication_follows_decision();

grant usage on schema ops to ledgerline_poster;
grant select on ops.check_result, ops.gate_decision, ops.publication to ledgerline_poster;
