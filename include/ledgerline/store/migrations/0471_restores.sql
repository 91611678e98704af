-- A warehouse that was restored to an earlier time knows less than the ERP does. Until
-- the ERP was read, nothing is proposed, sent or settled; what it holds is adopted.
create function ops.cluster() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
    from pg_control_system()
$$;
comment on function ops.cluster() is
'The server and its timeline: a restore to a time, a failover and a dump loaded elsewhere change it';

create table ops.restore (
    restore_id bigint generated always as identity primary key,
    cluster text not null default ops.cluster(),
    noticed_at timestamptz not null default clock_timestamp(),
    first_fence bigint not null
    default (extract(epoch from clock_timestamp()) * 1000000)::bigint,
    adopted_at timestamptz,
    adopted_xid xid8,
    adopted_count integer,
    doubted_count integer
);
comment on table ops.restore is
'One row per time the warehouse was found on another server or timeline than before; the first is its birth';
comment on column ops.restore.first_fence is
'Where fences begin since: by the clock, so that a second restore to the same time does not meet the workers of the first';
comment on column ops.restore.adopted_at is
'When the ERP had been read and posting went on; empty while it waits';
comment on column ops.restore.adopted_xid is 'The transaction that adopts; it alone may move entries out of order';
comment on column ops.restore.adopted_count is 'Documents of the ERP that the warehouse had forgotten';
comment on column ops.restore.doubted_count is 'Entries that are read back before anything is sent';
-- On a timeline beyond the first, nobody knows what was posted since the time that the
-- warehouse came from: it may have been restored to before this table.
insert into ops.restore (first_fence, adopted_at, adopted_count, doubted_count)
select 0, case when ops.cluster() like '%/00000001' then clock_timestamp() end, 0, 0;
create trigger never_deleted before delete or truncate on ops.restore
for each statement execute function ops.refuse_change();

create function ops.is_restored() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce((
        select adopted_at is null or cluster <> ops.cluster()
        from ops.restore order by restore_id desc limit 1
    ), true)
$$;

create function ops.notice_restore() returns boolean
language plpgsql as $$
begin
    lock table ops.restore in exclusive mode;
    if not exists (
        select from (
            select cluster from ops.restore order by restore_id desc limit 1
        ) as newest
        where cluster = ops.cluster()
    ) then
        insert into ops.restore default values;
        perform audit.append(
            'ops.restore', (select max(restore_id)::text from ops.restore), 'noticed',
            jsonb_build_object('cluster', ops.cluster())
        );
    end if;
    return ops.is_restored();
end;
$$;

create function post.is_adopting() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from ops.restore
        where adopted_xid = pg_current_xact_id_if_assigned() and cluster = ops.cluster()
    )
$$;

-- Fences of a restored warehouse begin where no worker from before has been.
create function post.first_fence() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select first_fence from ops.restore order by restore_id desc limit 1
$$;

create function post.refuse_if_restored() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if ops.is_restored() then
        perform post.refuse('ENTRY_RESTORED', format(
            'the warehouse was restored and the ERP not read since; %s waits for the next run of post_to_erp',
            new.natural_key
        ));
    end if;
    return new;
end;
$$;
-- Named so that it comes before every other guard.
create trigger a_restore before insert or update on post.entry
for each row execute function post.refuse_if_restored();

create or replace function post.guard_insert() returns trigger language plpgsql as $$
begin
    if new.state <> 'HELD' or new.attempts <> 0 or new.fence <> 0 then
        perform post.refuse('ENTRY_NEW', 'an entry starts HELD and unsent');
    end if;
    if not exists (
        select from ops.publication
        where publication_id = new.publication_id
            and data_hash = new.data_hash and suite_hash = new.suite_hash
    ) then
        perform post.refuse('ENTRY_PUBLICATION', 'the hashes are not those of the publication');
    end if;
    select coalesce(sum(greatest((line ->> 'amount_cents')::bigint, 0)), 0)
    into new.total_amount_cents
    from jsonb_array_elements(new.payload -> 'lines') as line;
    new.fence := post.first_fence();
    return new;
end;
$$;

create or replace function post.guard_origin() returns trigger language plpgsql as $$
begin
    new.origin_date := coalesce(new.origin_date, new.posting_date);
    if new.posting_date <> new.origin_date
        and new.posting_date <> post.open_date(new.origin_date)
        and not post.is_adopting() then
        perform post.refuse('ENTRY_PERIOD', format(
            '%s is about %s and is not dated where the ERP takes it',
            new.natural_key, new.origin_date
        ));
    end if;
    return new;
end;
$$;

insert into post.transition (from_state, to_state, made_by) values
('HELD', 'UNKNOWN', 'adoption'),
('READY', 'UNKNOWN', 'adoption'),
('CLAIMED', 'UNKNOWN', 'adoption');

-- The steps that an adoption makes, and the one that it must not open: true when the
-- step is one of its own, and the rules of guard_move are not for it.
create function post.guard_adoption(before post.entry, after post.entry) returns boolean
language plpgsql as $$
declare
    step text := before.state || ' -> ' || after.state;
begin
    if step = 'UNKNOWN -> READY' and not post.is_covered(before) and exists (
        select from post.attempt
        where entry_id = before.entry_id and worker = 'adoption of a held entry'
    ) then
        perform post.refuse('DQ_GATE', 'no passing verdict covers ' || before.natural_key);
    elsif after.state <> 'UNKNOWN' or not post.is_adopting() then
        if step in ('HELD -> UNKNOWN', 'READY -> UNKNOWN', 'CLAIMED -> UNKNOWN') then
            perform post.refuse('ENTRY_TRANSITION', step || ' is for an adoption only');
        end if;
        return false;
    elsif not exists (
        select from post.transition
        where from_state = before.state and to_state = after.state
    ) then
        perform post.refuse('ENTRY_TRANSITION', step || ' is not a step of an entry');
    elsif after.fence <> post.first_fence() then
        perform post.refuse('ENTRY_FENCE', step || ' takes the fence of the restore');
    elsif not exists (
        select from post.attempt
        where entry_id = after.entry_id and attempt_number = after.attempts
            and ended_at is null
    ) then
        perform post.refuse('ENTRY_WRITE_AHEAD', 'an adopted entry has an open attempt');
    end if;
    return true;
end;
$$;

create or replace function post.guard_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    changed text[] := post.changed_columns(old, new);
    allowed text[] := array[
        'state', 'fence', 'worker', 'lease_until', 'attempts', 'next_at', 'quiet_until',
        'erp_document', 'posted_at', 'last_status', 'last_error_code'
    ];
    adopts boolean := post.is_adopting();
begin
    if new.state = old.state then
        allowed := case
            when old.state = 'UNKNOWN' then array[
                'fence', 'worker', 'next_at', 'last_status', 'last_error_code'
            ]
            when old.state = 'REJECTED' then array['waived_publication_id']
            when adopts and old.state = 'HELD' then array['fence']
            else '{}' end;
    elsif adopts then
        allowed := allowed || array['forgiven_attempts'];
    end if;
    if not changed <@ allowed then
        perform post.refuse('ENTRY_FIXED', format(
            '%s of %s in state %s does not change', changed, old.natural_key, old.state
        ));
    end if;
    if new.fence < old.fence or (
        new.fence > old.fence + 1 and not (adopts and new.fence = post.first_fence())
    ) then
        perform post.refuse('ENTRY_FENCE', 'the fence only grows, by one');
    end if;
    if old.waived_publication_id is not null then
        perform post.refuse('ENTRY_FIXED', 'a waived rejection stays waived');
    end if;
    if new.state <> old.state and not post.guard_adoption(old, new) then
        perform post.guard_move(old, new);
    end if;
    if new.state = 'UNKNOWN' and old.state = 'SENDING' then
        select clock_timestamp() + quiet_time into new.quiet_until
        from post.attempt where entry_id = new.entry_id and ended_at is null;
    elsif new.quiet_until is distinct from old.quiet_until and not adopts then
        perform post.refuse('ENTRY_QUIET', 'the quiet time is set by the database');
    end if;
    return new;
end;
$$;

-- What two people decide of a stuck entry is not what an adoption does.
drop trigger guard_with_request on post.entry;
create trigger guard_with_request before update on post.entry
for each row when (
    (
        old.state in ('DEAD', 'CONFLICT') and new.state <> old.state
        and new.last_error_code is distinct from 'RESTORED'
    )
    or (
        old.waived_publication_id is distinct from new.waived_publication_id
        and new.waived_publication_id <= new.publication_id
    )
) execute function post.guard_by_request();

create or replace function post.guard_attempt() returns trigger language plpgsql as $$
begin
    if not post.is_adopting() and not exists (
        select from post.entry
        where entry_id = new.entry_id and state = 'CLAIMED' and fence = new.fence
            and attempts + 1 = new.attempt_number and worker = new.worker
    ) then
        perform post.refuse('ENTRY_WRITE_AHEAD', 'an attempt belongs to the claim that makes it');
    end if;
    return new;
end;
$$;

-- From here on this transaction adopts; false when another one has done it.
create function post.begin_adoption() returns boolean language plpgsql as $$
begin
    update ops.restore
    set adopted_at = clock_timestamp(), adopted_xid = pg_current_xact_id()
    where adopted_at is null and cluster = ops.cluster()
        and restore_id = (select max(newest.restore_id) from ops.restore as newest);
    return found;
end;
$$;

-- Put in doubt whatever the ERP may hold without our knowing: all that is not settled,
-- and of what is held the references that the ERP named.
create function post.doubt(held_references text[], via text) returns integer
language plpgsql as $$
declare
    base bigint := post.first_fence();
    doubted integer;
begin
    insert into post.attempt (
        entry_id, attempt_number, fence, adapter, worker, quiet_time, was_in_doubt
    )
    select
        entry.entry_id, entry.attempts + 1, base,
        coalesce((
            select attempt.adapter from post.attempt as attempt
            where attempt.entry_id = entry.entry_id and attempt.was_in_doubt
            order by attempt.attempt_number desc limit 1
        ), via),
        case entry.state when 'HELD' then 'adoption of a held entry' else 'adoption' end,
        interval '0', true
    from post.entry as entry
    where (
        entry.state in ('READY', 'CLAIMED', 'SENDING', 'DEAD', 'CONFLICT')
        or (entry.state = 'HELD' and 'LL|' || entry.natural_key = any(held_references))
    ) and not exists (
        select from post.attempt as attempt
        where attempt.entry_id = entry.entry_id and attempt.ended_at is null
    );
    update post.entry as entry
    set state = 'UNKNOWN', fence = base, worker = 'adoption',
        attempts = counted.attempts,
        forgiven_attempts = entry.forgiven_attempts + counted.attempts - entry.attempts,
        next_at = clock_timestamp(), last_error_code = 'RESTORED',
        quiet_until = clock_timestamp()
    from (
        select attempt.entry_id, max(attempt.attempt_number) as attempts
        from post.attempt as attempt where attempt.ended_at is null
        group by attempt.entry_id
    ) as counted
    where counted.entry_id = entry.entry_id
        and entry.state in ('HELD', 'READY', 'CLAIMED', 'SENDING', 'DEAD', 'CONFLICT');
    get diagnostics doubted = row_count;
    update post.entry set fence = base where state in ('HELD', 'UNKNOWN') and fence < base;
    return doubted;
end;
$$;

create function post.end_adoption(adopted integer, doubted integer) returns void
language plpgsql as $$
begin
    update ops.restore set adopted_count = adopted, doubted_count = doubted
    where adopted_xid = pg_current_xact_id();
    perform audit.append(
        'ops.restore', (select max(restore_id)::text from ops.restore), 'adopted',
        jsonb_build_object('adopted', adopted, 'doubted', doubted)
    );
end;
$$;
