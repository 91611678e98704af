-- The breaker of each ERP, shared by all workers: an ERP that fails call after call is
-- left alone for a while. Every step is on the audit chain.
alter table post.erp_policy
add column breaker_failures integer not null default 5 check (breaker_failures > 0),
add column breaker_seconds double precision not null default 300
check (breaker_seconds > 0);
comment on column post.erp_policy.breaker_failures is
'After so many calls without an answer, one after the other, nothing is sent for a while';
comment on column post.erp_policy.breaker_seconds is
'How long that while is; then one document goes as a probe';

create table post.erp_breaker (
    adapter text primary key,
    position text not null default 'closed'
    check (position in ('closed', 'open', 'half open')),
    failures integer not null default 0 check (failures >= 0),
    until timestamptz not null default to_timestamp(0),
    since timestamptz not null default clock_timestamp(),
    check (position = 'closed' or failures > 0)
);
comment on table post.erp_breaker is
'One row per adapter that failed or probed: closed sends, open leaves the ERP alone, half open waits for one probe';
comment on column post.erp_breaker.failures is 'Calls without an answer, one after the other';
comment on column post.erp_breaker.until is
'Open: nothing is sent before. Half open: the probe is waited for until then';
comment on column post.erp_breaker.since is 'When it came into this position';

create function post.guard_breaker() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.position <> 'closed' then
            perform post.refuse('BREAKER_STEP', 'a breaker starts closed');
        end if;
        return new;
    end if;
    if new.position <> old.position then
        if old.position = 'closed' and new.position = 'half open' then
            perform post.refuse('BREAKER_STEP', 'a closed breaker needs no probe');
        elsif old.position = 'open' and new.position = 'half open'
            and old.until > clock_timestamp() then
            perform post.refuse('BREAKER_STEP', 'the rest of the ERP is not over');
        end if;
        new.since := clock_timestamp();
        perform audit.append(
            'post.erp_breaker', new.adapter, old.position || ' -> ' || new.position,
            jsonb_build_object('failures', new.failures, 'until', new.until)
        );
    end if;
    return new;
end;
$$;
create trigger guard_breaker before insert or update on post.erp_breaker
for each row execute function post.guard_breaker();
create trigger never_deleted before delete or truncate on post.erp_breaker
for each statement execute function ops.refuse_change();

grant select, insert (adapter), update (position, failures, until)
on post.erp_breaker to ledgerline_poster;
