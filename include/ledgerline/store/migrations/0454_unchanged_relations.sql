-- What an increment need not make again: what it is made of did not change.
create table build.news (
    zone text not null,
    kind text not null,
    primary key (zone, kind)
);
comment on table build.news is
'One row per raw zone and kind of record (or folded relation) of which something is new since the build before; one for a new day';

create table build.outcome (
    node text primary key,
    is_part boolean not null,
    is_changed boolean not null
);
comment on table build.outcome is
'One row per model that the running increment made or left: whether any row that the whole of it holds may be other than after the build before';
comment on column build.outcome.is_part is
'The table holds the rows of the increment only, and is made by each';

grant select on build.news to ledgerline_build;
grant select, insert, update on build.outcome to ledgerline_build;

comment on column build.state.marks is
'Per raw zone the highest record, sighting and vanishing that it looks at; its day, and a hash of what was booked';
