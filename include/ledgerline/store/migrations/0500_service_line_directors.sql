-- Directors of service lines read the marts of their lines and nothing of another.
-- Each has a login of their own, director_NAME, in the role ledgerline_director.
do $$
begin
    if not exists (select from pg_roles where rolname = 'ledgerline_director') then
        create role ledgerline_director nologin;
    end if;
end;
$$;

-- Who sees which line: proposed by one person, approved by another. What is taken away
-- is away at once, on one word. Nothing is deleted: who saw what is known later.
create table reference.line_access (
    access_id bigint generated always as identity primary key,
    director_name text not null check (director_name ~ '^[a-z][a-z0-9_]{0,40}$'),
    service_line_code text not null check (btrim(service_line_code) <> ''),
    is_given boolean not null,
    state text not null default 'proposed'
    check (state in ('proposed', 'approved', 'rejected')),
    proposed_by text not null check (btrim(proposed_by) <> ''),
    proposed_at timestamptz not null default clock_timestamp(),
    decided_by text check (btrim(decided_by) <> ''),
    decided_at timestamptz,
    check ((state = 'proposed') = (decided_by is null)),
    check ((state = 'proposed') = (decided_at is null))
);
comment on table reference.line_access is
'One row per service line given to or taken from a director: who proposed it and who decided';
comment on column reference.line_access.director_name is
'Account of the director; the login in PostgreSQL is director_ and this name';

create function reference.guard_line_access() returns trigger language plpgsql as $$
declare
    name text := 'access ' || new.access_id;
    decided text[] := array['state', 'decided_by', 'decided_at'];
begin
    perform ops.refuse_role('ACCESS_PERSON', coalesce(new.decided_by, new.proposed_by));
    if tg_op = 'INSERT' then
        if new.state <> 'proposed' then
            perform post.refuse('ACCESS_NEW', 'access starts as proposed');
        end if;
        new.proposed_at := clock_timestamp();
        if not new.is_given then
            new.state := 'approved';
            new.decided_by := new.proposed_by;
            new.decided_at := new.proposed_at;
        end if;
        return new;
    end if;
    if old.state <> 'proposed' then
        perform post.refuse('ACCESS_DECIDED', format(
            '%s was %s by %s; propose it again', name, old.state, old.decided_by
        ));
    end if;
    if to_jsonb(old) - decided <> to_jsonb(new) - decided then
        perform post.refuse('ACCESS_CHANGED', format(
            '%s stays as it was proposed; reject it and propose another', name
        ));
    end if;
    if new.state = 'approved' then
        if ops.is_same_person(new.decided_by, old.proposed_by) then
            perform post.refuse('ACCESS_FOUR_EYES', format(
                '%s proposed %s; another person approves it', old.proposed_by, name
            ));
        end if;
        if clock_timestamp() >= ops.request_expires_at(old.proposed_at) then
            perform post.refuse('ACCESS_EXPIRED', format(
                '%s expired on %s; propose it again',
                name, ops.utc_minute(ops.request_expires_at(old.proposed_at))
            ));
        end if;
        if exists (
            select from reference.line_access as later
            where later.director_name = old.director_name
                and later.service_line_code = old.service_line_code
                and later.access_id > old.access_id and later.state = 'approved'
        ) then
            perform post.refuse('ACCESS_CHANGED', format(
                'the line was given or taken since %s was proposed; propose it again',
                name
            ));
        end if;
    end if;
    new.decided_at := clock_timestamp();
    return new;
end;
$$;
create trigger guard_line_access before insert or update on reference.line_access
for each row execute function reference.guard_line_access();

create function reference.record_line_access() returns trigger language plpgsql as $$
begin
    perform audit.append(
        'reference.line_access', new.access_id::text, new.state,
        jsonb_build_object(
            'by', coalesce(new.decided_by, new.proposed_by),
            'director', new.director_name, 'service_line', new.service_line_code,
            'is_given', new.is_given
        )
    );
    return null;
end;
$$;
create trigger record_line_access after insert or update on reference.line_access
for each row execute function reference.record_line_access();
create trigger never_deleted before delete or truncate on reference.line_access
for each statement execute function ops.refuse_change();

create view reference.director_line as
select newest.director_name, newest.service_line_code
from (
    select distinct on (access.director_name, access.service_line_code) access.*
    from reference.line_access as access
    where access.state = 'approved'
    order by access.director_name, access.service_line_code, access.access_id desc
) as newest
where newest.is_given;
comment on view reference.director_line is
'One row per director and service line that the director sees now';

create schema marts_by_line;
comment on schema marts_by_line is
'The marts that have a service line: directors see the rows of theirs, who reads marts sees all';
grant usage on schema marts_by_line
to ledgerline_director, ledgerline_executive, ledgerline_analyst;
alter default privileges in schema marts_by_line grant select on tables
to ledgerline_director, ledgerline_executive, ledgerline_analyst;

-- What no line is told by: the publication that is shown, and the names of codes.
grant usage on schema marts to ledgerline_director;
grant select on marts.publication_status, marts.code_name to ledgerline_director;

-- A function and no condition in a view: nothing that a reader asks is evaluated on
-- rows of other lines, nor does EXPLAIN estimate anything from their statistics. The
-- reader is the role that was set, else the login: neither can be set to another's.
create function marts_by_line.own_rows(relation text) returns setof record
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    reader text := coalesce(nullif(current_setting('role'), 'none'), session_user);
    shown text;
begin
    select string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum)
    into shown
    from pg_attribute as attribute
    where attribute.attrelid = to_regclass(format('marts_by_line.%I', relation))
        and attribute.attnum > 0;
    if shown is null then
        raise exception '% is no mart of service lines', relation
        using errcode = 'undefined_table';
    end if;
    if has_table_privilege(reader, format('marts.%I', relation), 'select') then
        return query execute format('select %s from marts.%I', shown, relation);
    else
        return query execute format(
            'select %s from marts.%I where service_line_code in ('
            'select line.service_line_code from reference.director_line as line '
            'where ''director_'' || line.director_name = $1)', shown, relation
        ) using reader;
    end if;
end;
$$;
comment on function marts_by_line.own_rows is
'The rows of a mart that whoever asks may see: every one, or those of their lines';
revoke execute on function marts_by_line.own_rows from public;
grant execute on function marts_by_line.own_rows
to ledgerline_director, ledgerline_executive, ledgerline_analyst;

-- Publication calls it whenever the columns of a mart may have become others.
create function ops.show_by_line(relation text) returns void language plpgsql as $$
declare
    mart regclass := to_regclass(format('marts.%I', relation));
    standing regclass := to_regclass(format('marts_by_line.%I', relation));
    wanted text;
begin
    select string_agg(format(
        '%I %s', attribute.attname,
        format_type(attribute.atttypid, attribute.atttypmod)
    ), ', ' order by attribute.attnum)
    into wanted
    from pg_attribute as attribute
    where attribute.attrelid = mart and attribute.attnum > 0 and exists (
        select from pg_attribute as line
        where line.attrelid = mart and line.attname = 'service_line_code'
    );
    if wanted is not distinct from (
        select string_agg(format(
            '%I %s', attribute.attname,
            format_type(attribute.atttypid, attribute.atttypmod)
        ), ', ' order by attribute.attnum)
        from pg_attribute as attribute
        where attribute.attrelid = standing and attribute.attnum > 0
    ) then
        return;
    end if;
    execute format('drop view if exists marts_by_line.%I', relation);
    if wanted is not null then
        execute format(
            'create view marts_by_line.%1$I as select * '
            'from marts_by_line.own_rows(%1$L) as line (%2$s)', relation, wanted
        );
    end if;
end;
$$;
comment on function ops.show_by_line is
'Gives a mart with a service line its view in marts_by_line, and takes it away again';

do $$
declare
    relation name;
begin
    for relation in
        select mart.relname from pg_class as mart
        where mart.relnamespace = 'marts'::regnamespace and mart.relkind = 'v'
    loop
        perform ops.show_by_line(relation);
    end loop;
end;
$$;
