-- The steps of an entry that two people make: see ops.request.
alter table post.entry
add column created_by text not null default session_user,
add column reverses uuid references post.entry,
add column replayed_at timestamptz,
add column forgiven_attempts integer not null default 0;
create unique index entry_is_reversed_once on post.entry (reverses)
where state <> 'CANCELLED';
comment on column post.entry.created_by is
'The role that proposed it; of a reversal, the person who asked for it';
comment on column post.entry.reverses is
'Of a reversal: the posted entry that it takes back, line by line';
comment on column post.entry.replayed_at is
'When two people gave it another chance; its age counts from there';
comment on column post.entry.forgiven_attempts is
'How many attempts it had used up by then; they count no more against its limit';

create function post.guard_by_request() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    subject text := new.entry_id::text;
    request ops.request;
begin
    if new.state = 'REJECTED' then
        perform ops.use_request(subject, array['waive']);
    elsif new.state = 'POSTED' then
        request := ops.use_request(subject, array['override']);
        if request.erp_document <> new.erp_document then
            perform post.refuse('REQUEST_CHANGED', format(
                'request %s names another ERP document', request.request_id
            ));
        end if;
    else
        perform ops.use_request(subject, array['replay']);
        new.replayed_at := clock_timestamp();
        new.forgiven_attempts := new.attempts;
    end if;
    if new.state = 'UNKNOWN' and new.quiet_until is null then
        select max(attempt.started_at + attempt.quiet_time) into new.quiet_until
        from post.attempt as attempt
        where attempt.entry_id = new.entry_id;
    end if;
    return new;
end;
$$;
-- Named so that it comes after guard_update. A proposal from a newer publication makes
-- up for a rejection by itself; only without one do two people waive it.
create trigger guard_with_request before update on post.entry
for each row when (
    (old.state in ('DEAD', 'CONFLICT') and new.state <> old.state)
    or (
        old.waived_publication_id is distinct from new.waived_publication_id
        and new.waived_publication_id <= new.publication_id
    )
) execute function post.guard_by_request();

create function post.guard_reversal() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    original post.entry;
    request ops.request;
begin
    select * into original from post.entry where entry_id = new.reverses for update;
    if original.state is distinct from 'POSTED' then
        perform post.refuse('ENTRY_REVERSAL', 'only a posted entry is reversed');
    elsif original.reverses is not null then
        perform post.refuse('ENTRY_REVERSAL', 'a reversal is not reversed');
    elsif (
        original.document_kind, original.document_type, original.facility_code,
        original.hold_class, original.order_key
    ) <> (
        new.document_kind, new.document_type, new.facility_code,
        new.hold_class, new.order_key
    ) then
        perform post.refuse('ENTRY_REVERSAL', 'a reversal is of the kind it reverses');
    end if;
    request := ops.use_request(new.reverses::text, array['compensate']);
    new.created_by := request.requested_by;
    return new;
end;
$$;
create trigger guard_reversal before insert on post.entry
for each row when (new.reverses is not null) execute function post.guard_reversal();

create function post.guard_creator() returns trigger language plpgsql as $$
begin
    if new.created_by <> session_user then
        perform post.refuse('ENTRY_NEW', 'an entry is made by whoever is connected');
    end if;
    return new;
end;
$$;
create trigger guard_creator before insert on post.entry
for each row execute function post.guard_creator();

create function post.check_reversal() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (
        select from post.entry_line
        where entry_id in (new.entry_id, new.reverses)
        group by account_code, cost_center_code, service_line_code
        having sum(amount_cents) <> 0
    ) or exists (
        select from post.stock_line
        where entry_id in (new.entry_id, new.reverses)
        group by location_code, item_code, lot_number, unit
        having sum(quantity) <> 0
            or sum(amount_cents * sign(quantity)) <> 0
    ) then
        perform post.refuse('ENTRY_REVERSAL', format(
            '%s is not the equal and opposite of what it reverses', new.natural_key
        ));
    end if;
    return null;
end;
$$;
-- Named so that it comes after derive_lines.
create trigger reverses_exactly after insert on post.entry
for each row when (new.reverses is not null) execute function post.check_reversal();
