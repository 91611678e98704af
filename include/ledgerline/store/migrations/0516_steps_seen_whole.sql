-- Every step of an entry was compared column by column, its whole document taken apart
-- and put together twice; two rows are compared as they are.

-- Does a step touch nothing but what steps touch? A generated column has no value yet.
create function post.is_step_alone(before post.entry, after post.entry) returns boolean
language plpgsql stable as $$
begin
    after.state := before.state;
    after.fence := before.fence;
    after.worker := before.worker;
    after.lease_until := before.lease_until;
    after.attempts := before.attempts;
    after.next_at := before.next_at;
    after.quiet_until := before.quiet_until;
    after.erp_document := before.erp_document;
    after.posted_at := before.posted_at;
    after.last_status := before.last_status;
    after.last_error_code := before.last_error_code;
    after.total_amount := before.total_amount;
    return after is not distinct from before;
end;
$$;

create or replace function post.guard_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    changed text[];
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
    if new.state = old.state or not post.is_step_alone(old, new) then
        changed := post.changed_columns(old, new);
        if not changed <@ allowed then
            perform post.refuse('ENTRY_FIXED', format(
                '%s of %s in state %s does not change',
                changed, old.natural_key, old.state
            ));
        end if;
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
