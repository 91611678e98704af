-- What a step may touch stood twice, as a list of names and column by column; it is
-- what post.is_step_alone says. An adoption forgives attempts as well.
create or replace function post.guard_update() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    adopts boolean := post.is_adopting();
    step post.entry := new;
    is_allowed boolean;
begin
    if adopts then
        step.forgiven_attempts := old.forgiven_attempts;
    end if;
    if new.state <> old.state then
        is_allowed := post.is_step_alone(old, step);
    else
        is_allowed := post.changed_columns(old, new) <@ case
            when old.state = 'UNKNOWN' then array[
                'fence', 'worker', 'next_at', 'last_status', 'last_error_code'
            ]
            when old.state = 'REJECTED' then array['waived_publication_id']
            when adopts and old.state = 'HELD' then array['fence']
            else '{}' end;
    end if;
    if not is_allowed then
        perform post.refuse('ENTRY_FIXED', format(
            '%s of %s in state %s does not change',
            post.changed_columns(old, new), old.natural_key, old.state
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
