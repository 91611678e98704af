-- A document whose period the ERP has closed becomes an adjustment in the open one, and
-- carries the day that it is about.
alter table post.entry add column origin_date date;
alter table post.entry disable trigger user;
update post.entry set origin_date = posting_date;
alter table post.entry enable trigger user;
alter table post.entry alter column origin_date set not null;
create index on post.entry (document_kind, facility_code, origin_date, hold_class);
comment on column post.entry.posting_date is 'The day on which the ERP books it';
comment on column post.entry.origin_date is
'The posting date of the published rows that it is about; another than posting_date when the ERP had closed its period';

-- Where the ERP, as it was last read, takes a document of a day: on that day, or on the
-- first of the next open period. A day of no known period stays; the ERP will say.
-- It reads what raw_erp.current_record says of periods, and of them only.
create function post.open_date(wanted date) returns date
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with latest as (
        select distinct on (record.resource_id)
            record.resource_id, record.body, seen.seen_at
        from raw_erp.record as record
        cross join lateral (
            select coalesce(max(sighting.seen_at), record.received_at) as seen_at
            from raw_erp.sighting as sighting
            where sighting.record_id = record.record_id
        ) as seen
        where record.resource_type = 'account.period'
        order by record.resource_id, seen.seen_at desc, record.record_id desc
    ),
    period as (
        select
            (latest.body ->> 'start_date')::date as first_day,
            (latest.body ->> 'end_date')::date as last_day,
            latest.body ->> 'state' = 'open' as is_open
        from latest
        where latest.body ->> 'type' = 'standard' and not exists (
            select from raw_erp.vanishing as vanishing
            where vanishing.resource_type = 'account.period'
                and vanishing.resource_id = latest.resource_id
                and vanishing.vanished_at > latest.seen_at
        )
    )
    select coalesce(
        (
            select min(following.first_day)
            from period as following, period as closed
            where following.is_open and following.first_day > wanted
                and wanted between closed.first_day and closed.last_day
                and not closed.is_open
        ),
        wanted
    )
$$;

create function post.guard_origin() returns trigger language plpgsql as $$
begin
    new.origin_date := coalesce(new.origin_date, new.posting_date);
    if new.posting_date <> new.origin_date
        and new.posting_date <> post.open_date(new.origin_date) then
        perform post.refuse('ENTRY_PERIOD', format(
            '%s is about %s and is not dated where the ERP takes it',
            new.natural_key, new.origin_date
        ));
    end if;
    return new;
end;
$$;
create trigger guard_origin before insert on post.entry
for each row execute function post.guard_origin();

-- May this entry leave HELD? A verdict opens, and only while its period is open.
alter function post.is_releasable(post.entry) rename to is_covered;
create function post.is_releasable(entry post.entry) returns boolean
language sql stable as $$
    select post.is_covered(entry)
    and post.open_date(entry.posting_date) = entry.posting_date
$$;
