-- Another way into the same ERP, while the breaker of the first is not closed. A document
-- that an attempt left in doubt never changes its way: only where it was sent can be
-- asked what became of it.
alter table post.erp_policy
add column fallback_adapter text unique check (fallback_adapter <> adapter);
comment on column post.erp_policy.fallback_adapter is
'The adapter of the connection erp_fallback: another way into the same ERP, taken while this one''s breaker is not closed';

-- What was sent before its way was noted may have been in doubt, as far as we know.
alter table post.attempt
add column adapter text,
add column was_in_doubt boolean not null default true;
alter table post.attempt alter column was_in_doubt set default false;
comment on column post.attempt.adapter is 'The way it went; empty before ways were noted';
comment on column post.attempt.was_in_doubt is
'Whether its outcome was ever unknown; if so, its document stays on this way';

create function post.is_fallback(via text) returns boolean
language sql stable as $$
    select exists (select from post.erp_policy where fallback_adapter = via)
$$;

-- May an entry be read back and sent this way? Not while, nor after, an attempt is in
-- doubt on another one.
create function post.may_go(wanted uuid, via text) returns boolean
language sql stable as $$
    select not exists (
        select from post.attempt
        where entry_id = wanted and (was_in_doubt or ended_at is null)
            and case when adapter is null then post.is_fallback(via)
                else adapter <> via end
    )
$$;

-- Is there reason to send an entry this way? A fallback is for what its first way, left
-- alone, does not take, and for what is in doubt on it already.
create function post.is_sent_by(wanted uuid, via text) returns boolean
language sql stable as $$
    select post.may_go(wanted, via) and (
        not post.is_fallback(via)
        or exists (
            select
            from post.erp_policy as first_way
            join post.erp_breaker as breaker using (adapter)
            where first_way.fallback_adapter = via and breaker.position <> 'closed'
        )
        or exists (
            select from post.attempt
            where entry_id = wanted and adapter = via and was_in_doubt
        )
    )
$$;

create function post.guard_route() returns trigger language plpgsql as $$
begin
    if new.adapter is null or not post.may_go(new.entry_id, new.adapter) then
        perform post.refuse('ENTRY_ROUTE', format(
            'an entry with an attempt in doubt on another way is not sent by %s',
            coalesce(new.adapter, 'an unnamed one')
        ));
    end if;
    return new;
end;
$$;
create trigger guard_route before insert on post.attempt
for each row execute function post.guard_route();

create function post.note_doubt() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update post.attempt set was_in_doubt = true
    where entry_id = new.entry_id and ended_at is null;
    return null;
end;
$$;
create trigger note_doubt after update on post.entry
for each row when (old.state = 'SENDING' and new.state = 'UNKNOWN')
execute function post.note_doubt();

grant insert (adapter) on post.attempt to ledgerline_poster;
