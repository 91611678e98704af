-- Contracts at the door: what goes beyond them. Replay: what became of each try.
create table ops.contract_drift (
    source text not null,
    entity text not null,
    property text not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    record_count bigint not null,
    example_locator text not null,
    primary key (source, entity, property)
);
comment on table ops.contract_drift is
'One row per source, entity and property that landed and that no contract knows. No values';

create table ops.replay_attempt (
    attempt_id bigint generated always as identity primary key,
    quarantine_id bigint not null references ops.quarantined_record,
    batch_id bigint not null references ops.landing_batch,
    outcome text not null check (outcome in ('replayed', 'refused')),
    class text not null,
    message text not null,
    attempted_by text not null,
    attempted_at timestamptz not null default clock_timestamp()
);
create index on ops.replay_attempt (quarantine_id);
comment on table ops.replay_attempt is
'One row per try to land what is in quarantine: with which batch, and what came of it';
comment on column ops.replay_attempt.class is
'Why it was refused: before when it is replayed now, else today';

create index quarantined_record_by_file
on ops.quarantined_record (source, file_id) where status = 'open';
