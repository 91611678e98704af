-- The head of the audit chain is locked from a step's event until the transaction ends.
-- Where many workers post at once they wait for one another: the event is written as
-- the last thing of the transaction, when its client has nothing more to say. The
-- outcome of the attempt is still written with the step.
create or replace function post.record_step() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.state <> old.state and old.state in ('SENDING', 'UNKNOWN') then
        update post.attempt
        set outcome = lower(new.state),
            status = coalesce(new.last_status, status),
            error_code = coalesce(new.last_error_code, error_code),
            ended_at = case when new.state <> 'UNKNOWN' then clock_timestamp() end
        where entry_id = new.entry_id and ended_at is null;
    end if;
    return null;
end;
$$;

create function post.chain_step() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform audit.append(
        'post.entry', new.entry_id::text,
        case when new.state = old.state then 'waived'
            else old.state || ' -> ' || new.state end,
        jsonb_strip_nulls(jsonb_build_object(
            'natural_key', new.natural_key, 'fence', new.fence,
            'attempts', new.attempts, 'worker', coalesce(new.worker, old.worker),
            'erp_document', new.erp_document, 'error_code', new.last_error_code,
            'publication_id', new.waived_publication_id
        ))
    );
    return null;
end;
$$;
create constraint trigger chain_step after update on post.entry
deferrable initially deferred for each row
when (new.state <> old.state or new.waived_publication_id is not null)
execute function post.chain_step();

-- A worker asks at each turn whose lease ran out, and how long there is to wait.
create index entry_lease on post.entry (lease_until) where state in ('CLAIMED', 'SENDING');
