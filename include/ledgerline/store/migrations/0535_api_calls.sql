-- How often a person may call our HTTP surface, and a write that is done once however
-- often it is sent. Both are counted here, so that they hold over every worker.

create table ops.call_policy (
    kind text primary key check (kind in ('read', 'write')),
    calls integer not null check (calls > 0),
    seconds integer not null check (seconds > 0)
);
comment on table ops.call_policy is
'One row per kind of call of our HTTP surface: how many a person may make within how many seconds';
insert into ops.call_policy (kind, calls, seconds) values
('read', 120, 60), ('write', 30, 60);

create table ops.call_pace (
    person text not null,
    kind text not null references ops.call_policy,
    free_at timestamptz not null,
    primary key (person, kind)
);
comment on table ops.call_pace is
'One row per person and kind of call: when the calls made so far would be used up, were they spread evenly';

create function ops.take_call(caller text, wanted text)
returns double precision
language sql as $$
    with policy as (
        select
            make_interval(secs => rule.seconds) as span,
            make_interval(secs => rule.seconds::double precision / rule.calls) as step,
            clock_timestamp() as asked_at
        from ops.call_policy as rule
        where rule.kind = wanted
    ),

    taken as (
        insert into ops.call_pace as pace (person, kind, free_at)
        select caller, wanted, policy.asked_at + policy.step
        from policy
        on conflict (person, kind) do update
        set free_at = greatest(pace.free_at, (select policy.asked_at from policy))
            + (select policy.step from policy)
        where greatest(pace.free_at, (select policy.asked_at from policy))
            + (select policy.step from policy)
            <= (select policy.asked_at + policy.span from policy)
        returning pace.free_at
    )

    select case
        when exists (select from taken) then 0
        else (
            select extract(epoch from greatest(
                policy.step, max(pace.free_at) + policy.step - policy.span
                - policy.asked_at
            ))
            from policy
            left join ops.call_pace as pace
                on pace.person = caller and pace.kind = wanted
            group by policy.step, policy.span, policy.asked_at
        )
    end
$$;
comment on function ops.take_call is
'Counts a call and returns 0, or counts none and returns the seconds to wait (generic cell rate algorithm)';

create table ops.call_answer (
    person text not null,
    key text not null check (length(key) between 1 and 200),
    fingerprint text not null,
    begun_at timestamptz not null default clock_timestamp(),
    answered_at timestamptz,
    answer text,
    primary key (person, key),
    check ((answered_at is null) = (answer is null))
);
comment on table ops.call_answer is
'One row per Idempotency-Key of a person: the write that it stood for, as a hash, and its first answer; kept for a day';
