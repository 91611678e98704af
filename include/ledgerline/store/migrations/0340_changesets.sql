-- Reviewed changes of what codes mean, layered over the CSV files.
create domain reference.code_set as text check (
    value in (
        'facility', 'department', 'cost_center', 'provider', 'payer', 'item',
        'supplier', 'account', 'encounter_status'
    )
);
alter table reference.crosswalk drop constraint crosswalk_code_set_check;
alter table reference.crosswalk alter column code_set type reference.code_set;

create table reference.changeset (
    changeset_id bigint generated always as identity primary key,
    file_name text not null,
    rows_sha256 text not null default '',
    state text not null default 'proposed'
    check (state in ('proposed', 'approved', 'rejected')),
    proposed_by text not null check (btrim(proposed_by) <> ''),
    proposed_at timestamptz not null default clock_timestamp(),
    decided_by text check (btrim(decided_by) <> ''),
    decided_at timestamptz,
    publication_id bigint references ops.publication,
    check ((state = 'proposed') = (decided_by is null)),
    check ((state = 'proposed') = (decided_at is null))
);
comment on table reference.changeset is
'One row per proposed change of mappings: who proposed it, who decided, over which publication its impact was seen';

create table reference.changeset_row (
    changeset_id bigint not null references reference.changeset,
    code_set reference.code_set not null,
    source_system text not null check (source_system in ('ehr', 'billing', 'erp')),
    facility_code text not null,
    native_code text not null,
    canonical_code text not null,
    valid_from date not null,
    valid_to date,
    primary key (
        changeset_id, code_set, source_system, facility_code, native_code, valid_from
    ),
    check (valid_to is null or valid_to > valid_from)
);
comment on table reference.changeset_row is
'One row per mapping that a changeset proposes. Fixed once the changeset is proposed';

create index on reference.changeset_row (
    native_code, code_set, source_system, facility_code, valid_from
);

create table reference.changeset_impact (
    impact_id bigint generated always as identity primary key,
    changeset_id bigint not null references reference.changeset,
    publication_id bigint references ops.publication,
    lines jsonb not null,
    shown_at timestamptz not null default clock_timestamp()
);
comment on table reference.changeset_impact is
'One row per time that the dollar impact of a changeset was shown, over which publication';

create function reference.changeset_sha256(id bigint) returns text
language sql stable as $$
    select encode(sha256(convert_to(
        coalesce(string_agg(to_jsonb(mapping)::text, chr(10) order by
            mapping.code_set, mapping.source_system, mapping.facility_code,
            mapping.native_code, mapping.valid_from), ''), 'UTF8')), 'hex')
    from reference.changeset_row as mapping
    where mapping.changeset_id = id
$$;

-- The rules of a changeset, kept by the database whoever writes.
create function reference.guard_changeset() returns trigger
language plpgsql as $$
declare
    name text := 'changeset ' || new.changeset_id;
    decided text[] := array['state', 'decided_by', 'decided_at', 'publication_id'];
begin
    if coalesce(new.decided_by, new.proposed_by) in (select rolname from pg_roles) then
        perform post.refuse('CHANGESET_PERSON', format(
            '%s is a database role; name the person who decides',
            coalesce(new.decided_by, new.proposed_by)
        ));
    end if;
    if tg_op = 'INSERT' then
        if new.state <> 'proposed' or new.rows_sha256 <> '' then
            perform post.refuse('CHANGESET_NEW', 'a changeset starts without rows');
        end if;
        return new;
    end if;
    if old.rows_sha256 = '' then
        decided := array['rows_sha256'];
    elsif old.state <> 'proposed' then
        perform post.refuse('CHANGESET_DECIDED', format(
            '%s was %s by %s; propose another one', name, old.state, old.decided_by
        ));
    end if;
    if to_jsonb(old) - decided <> to_jsonb(new) - decided
        or (
            new.state <> 'rejected'
            and new.rows_sha256 <> reference.changeset_sha256(new.changeset_id)
        ) then
        perform post.refuse('CHANGESET_CHANGED', format(
            '%s is not as it was proposed; reject it and propose it again', name
        ));
    end if;
    if new.state = 'approved'
        and lower(btrim(new.decided_by)) = lower(btrim(old.proposed_by)) then
        perform post.refuse('CHANGESET_FOUR_EYES', format(
            '%s proposed %s; another person approves it', old.proposed_by, name
        ));
    end if;
    if new.state <> 'proposed' then
        new.decided_at := clock_timestamp();
    end if;
    return new;
end;
$$;
create trigger guard_changeset before insert or update on reference.changeset
for each row execute function reference.guard_changeset();

create function reference.record_changeset() returns trigger language plpgsql as $$
begin
    perform audit.append(
        'reference.changeset', new.changeset_id::text, new.state,
        jsonb_strip_nulls(jsonb_build_object(
            'by', coalesce(new.decided_by, new.proposed_by),
            'rows_sha256', new.rows_sha256, 'publication_id', new.publication_id
        ))
    );
    return null;
end;
$$;
create trigger record_changeset after update on reference.changeset
for each row execute function reference.record_changeset();

create function reference.guard_changeset_row() returns trigger language plpgsql as $$
begin
    if not exists (
        select from reference.changeset
        where changeset_id = new.changeset_id and rows_sha256 = ''
    ) then
        perform post.refuse('CHANGESET_CHANGED', format(
            'changeset %s is proposed and takes no more rows; propose another one',
            new.changeset_id
        ));
    end if;
    return new;
end;
$$;
create trigger guard_changeset_row before insert on reference.changeset_row
for each row execute function reference.guard_changeset_row();

create trigger never_deleted before delete or truncate on reference.changeset
for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate
on reference.changeset_row
for each statement execute function ops.refuse_change();
create trigger append_only before update or delete or truncate
on reference.changeset_impact
for each statement execute function ops.refuse_change();

-- What is in force: the CSV files, and over them what was approved; of two changes of
-- one code from one day, the later one.
create view reference.mapping as
select
    approved.code_set,
    approved.source_system,
    approved.facility_code,
    approved.native_code,
    approved.canonical_code,
    approved.valid_from,
    approved.valid_to,
    approved.decided_by as approved_by,
    approved.decided_at as approved_at,
    approved.changeset_id
from (
    select distinct on (
        mapping.code_set, mapping.source_system, mapping.facility_code,
        mapping.native_code, mapping.valid_from
    )
        mapping.*,
        changeset.decided_by,
        changeset.decided_at
    from reference.changeset_row as mapping
    inner join reference.changeset as changeset
        on mapping.changeset_id = changeset.changeset_id
    where changeset.state = 'approved'
    order by
        mapping.code_set, mapping.source_system, mapping.facility_code,
        mapping.native_code, mapping.valid_from, changeset.decided_at desc
) as approved
union all
select
    listed.code_set,
    listed.source_system,
    listed.facility_code,
    listed.native_code,
    listed.canonical_code,
    listed.valid_from,
    listed.valid_to,
    listed.approved_by,
    listed.approved_at,
    null as changeset_id
from reference.crosswalk as listed
where not exists (
    select
    from reference.changeset_row as mapping
    inner join reference.changeset as changeset
        on mapping.changeset_id = changeset.changeset_id
    where
        changeset.state = 'approved'
        and mapping.code_set = listed.code_set
        and mapping.source_system = listed.source_system
        and mapping.facility_code = listed.facility_code
        and mapping.native_code = listed.native_code
        and mapping.valid_from = listed.valid_from
);
comment on view reference.mapping is
'One row per native code and period in force: from crosswalk.csv, or from the approved changeset named. The mapping that began last holds; valid_to is exclusive';
