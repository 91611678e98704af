-- What the ERP has, mirrored: a document that names a code which the ERP lacks waits here,
-- and goes by itself when the code is there. Each posting run reads the ERP anew.
create table post.erp_kind (
    kind text primary key,
    owner text not null,
    home text not null,
    adapter text,
    read_at timestamptz,
    check ((adapter is null) = (read_at is null))
);
comment on table post.erp_kind is
'One row per kind of code that documents name: who adds one, where, and when the ERP was last read';
comment on column post.erp_kind.read_at is
'As of when post.erp_code holds; null: the ERP does not tell its codes of this kind, and none is checked';
insert into post.erp_kind (kind, owner, home) values
('account', 'finance', 'chart of accounts'),
('cost center', 'finance', 'analytic accounts'),
('service line', 'finance', 'analytic accounts'),
('item', 'supply_chain', 'products'),
('location', 'supply_chain', 'stock locations');

create table post.erp_code (
    kind text not null references post.erp_kind,
    code text not null,
    is_active boolean not null,
    since timestamptz not null default clock_timestamp(),
    primary key (kind, code)
);
comment on table post.erp_code is
'One row per code that the ERP has or had; one that it no longer gives is not active';
comment on column post.erp_code.since is 'When a read first found it so';

create table post.erp_period (
    first_day date primary key,
    last_day date not null check (last_day >= first_day),
    is_open boolean not null
);
comment on table post.erp_period is
'One row per accounting period of the ERP, as it was last read';

-- Where the ERP, as it was last read, takes a document of a day: on that day, or on the
-- first of the next open period. A day of no known period stays; the ERP will say.
create or replace function post.open_date(wanted date) returns date
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(
        (
            select min(following.first_day)
            from post.erp_period as following, post.erp_period as closed
            where following.is_open and following.first_day > wanted
                and wanted between closed.first_day and closed.last_day
                and not closed.is_open
        ),
        wanted
    )
$$;

-- The codes of an entry that the ERP, where it tells them, does not have.
create function post.missing_codes(wanted uuid)
returns table (kind text, code text)
language sql stable as $$
    select named.kind, named.code
    from (
        select naming.kind, naming.code
        from post.entry_line as line
        cross join lateral (
            values ('account', line.account_code),
                ('cost center', line.cost_center_code),
                ('service line', line.service_line_code)
        ) as naming (kind, code)
        where line.entry_id = wanted
        union
        select 'item', line.item_code from post.stock_line as line
        where line.entry_id = wanted
        union
        select 'location', naming.code
        from post.entry as entry
        cross join lateral (
            values (entry.payload ->> 'from_location'), (entry.payload ->> 'to_location')
        ) as naming (code)
        where entry.entry_id = wanted and entry.document_type = 'stock_move'
    ) as named
    join post.erp_kind as told on told.kind = named.kind and told.read_at is not null
    -- A look at the key for each code; an anti-join would read them all for an entry.
    where named.code <> '' and (
        select had.is_active from post.erp_code as had
        where had.kind = named.kind and had.code = named.code
    ) is not true
$$;

-- Why an entry may not leave HELD; nothing when it may.
create function post.why_held(entry post.entry)
returns table (category text, owner text, explanation text)
language sql stable as $$
    select 'MASTER_DATA', 'data_steward', format(
        '%s waits for a mapping (%s): `ledgerline crosswalk worklist` names the codes',
        entry.natural_key, entry.hold_class
    )
    where entry.hold_class <> ''
    union all
    select 'DQ_GATE', 'data_engineering',
        'no passing verdict covers ' || entry.natural_key
    where entry.hold_class = '' and not post.is_covered(entry)
    union all
    select 'PERIOD_CLOSED', 'finance', format(
        'the ERP has closed the period of %s, in which %s is dated; the next run dates it anew',
        entry.posting_date, entry.natural_key
    )
    where entry.hold_class = ''
        and post.open_date(entry.posting_date) <> entry.posting_date
    union all
    select 'MASTER_DATA', told.owner, format(
        'the ERP has no %s %s, which %s names: add it to the ERP''s %s, or correct the '
        'mapping that leads to it', missing.kind, missing.code, entry.natural_key, told.home
    )
    from post.missing_codes(entry.entry_id) as missing
    join post.erp_kind as told on told.kind = missing.kind
$$;

create or replace function post.is_releasable(entry post.entry) returns boolean
language sql stable as $$
    select not exists (select from post.why_held(entry))
$$;

-- Named so that it comes before guard_update, and says what stands in the way.
create function post.guard_release() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    reason record;
begin
    select * into reason from post.why_held(old) limit 1;
    if found then
        perform post.refuse(reason.category, reason.explanation);
    end if;
    return new;
end;
$$;
create trigger guard_release before update on post.entry
for each row when (old.state = 'HELD' and new.state = 'READY')
execute function post.guard_release();

create view post.held_entry as
select
    entry.entry_id, entry.natural_key, entry.total_amount, entry.created_at,
    reason.category, reason.owner, reason.explanation
from post.entry as entry
cross join lateral post.why_held(entry) as reason
where entry.state = 'HELD';
comment on view post.held_entry is
'One row per held entry and reason: its category, who acts, and what to do';

create view post.missing_code as
select
    missing.kind, missing.code, told.owner, told.home, told.read_at,
    count(*) as entry_count, sum(entry.total_amount) as total_amount
from post.entry as entry
cross join lateral post.missing_codes(entry.entry_id) as missing
join post.erp_kind as told on told.kind = missing.kind
where entry.state = 'HELD'
group by missing.kind, missing.code, told.owner, told.home, told.read_at;
comment on view post.missing_code is
'One row per code that held entries name and the ERP does not have: how many entries wait, and their USD';
