-- A worker claims, writes ahead and settles several entries at once; each keeps its own
-- fence, attempt and step. How many is the ERP's: a crash leaves so many in doubt.
alter table post.erp_policy
add column batch_limit integer not null default 8 check (batch_limit between 1 and 500);
comment on column post.erp_policy.batch_limit is
'So many entries a worker holds and sends one after the other; with a pace, one';

comment on column post.entry.forgiven_attempts is
'Attempts that count no more against its limit: before a replay, or come to no call';

-- What waited behind another entry of its batch and was not sent does not pay for that.
create function post.forgive_unsent() returns trigger language plpgsql as $$
begin
    new.forgiven_attempts := old.forgiven_attempts + 1;
    return new;
end;
$$;
-- Named so that it comes after guard_update.
create trigger guard_with_unsent before update on post.entry
for each row when (
    old.state = 'SENDING' and new.state = 'READY'
    and new.last_error_code = 'BATCH_ENDED'
) execute function post.forgive_unsent();
