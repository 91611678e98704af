-- What a build looks at: all of it, or what changed since the build before and everything
-- tied to that.
create schema build;
comment on schema build is 'The scope of the running build, and the rows it made';

create table build.state (
    is_only boolean primary key default true check (is_only),
    status text not null default 'none'
    check (status in ('none', 'running', 'tainted', 'failed', 'done')),
    is_increment boolean not null default false,
    reason text not null default '',
    marks jsonb not null default '{}',
    inputs jsonb not null default '{}',
    started_at timestamptz,
    finished_at timestamptz,
    check (status in ('running', 'tainted') or not is_increment)
);
insert into build.state default values;
comment on table build.state is
'The one row about the newest build: whether it is an increment, and what it was built from';
comment on column build.state.status is
'Tainted: a check of its first stage failed. Only after a build that is done an increment follows';
comment on column build.state.marks is
'Per raw zone the highest record, sighting and vanishing that it looks at';
comment on column build.state.inputs is
'Hashes of what changes every row: code, reference tables, the calendar';

create table build.tie (
    zone text not null,
    record_id bigint not null,
    key bigint not null,
    is_directed boolean not null
);
comment on table build.tie is
'One row per record and number (hashed) that it shares with others: what has one number is built together';
comment on column build.tie.is_directed is
'The record is built again when what has the number changes, but not the other way round';

create table build.folded (
    subject text not null,
    subject_id text not null,
    version text not null,
    record_id bigint not null,
    primary key (subject, subject_id)
);
comment on table build.folded is
'One row per visit and redirect as the build saw it: what the fold changes in place is compared with it';

create table build.scope (
    zone text not null,
    record_id bigint not null,
    is_current boolean not null,
    primary key (zone, record_id)
);
comment on table build.scope is
'One row per record that an increment builds again, and per older version of it';

create table build.touched (
    relation text not null,
    facility_code text,
    day date,
    encounter_id text
);
comment on table build.touched is
'One row per facility, month or posting date, and encounter in which an increment changed rows of a relation';

create function build.reference_id(reference jsonb) returns text
language sql immutable
return coalesce(
    case
        when reference ->> 'reference' not like '#%'
            then split_part(
                translate(
                    split_part(reference ->> 'reference', '/_history/', 1), ':|', '//'
                ),
                '/',
                -1
            )
    end,
    reference -> 'identifier' ->> 'value'
);
comment on function build.reference_id is
'The id that a FHIR reference names, as the models read it';

create function build.elements(list jsonb) returns setof jsonb
language sql immutable
return jsonb_array_elements(
    case when jsonb_typeof(list) = 'array' then list else '[]' end
);
comment on function build.elements is
'The elements of a JSON array; none where it is absent or something else';

grant usage, create on schema build to ledgerline_build;
grant select on build.state, build.scope to ledgerline_build;
grant select, insert on build.touched to ledgerline_build;
