-- name: outcomes
select node, is_part, is_changed from build.outcome;

-- name: news
select zone || '.' || kind from build.news;

-- name: is_scope_empty
select not exists (select from build.scope);

-- name: table_columns
select n.nspname || '.' || c.relname, array_agg(a.attname order by a.attnum)
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid
where
    c.relkind = 'r'
    and n.nspname = any(%(schemas)s::text[])
    and a.attnum > 0
    and not a.attisdropped
group by n.nspname, c.relname;

-- name: keep_outcomes
insert into build.outcome (node, is_part, is_changed)
select node, is_part, is_changed
from unnest(%(nodes)s::text[], %(parts)s::boolean[], %(changes)s::boolean[])
    as found (node, is_part, is_changed)
on conflict (node) do update set is_changed = excluded.is_changed;

-- name: make_anew
truncate {table};
insert into {table} ({columns}) select {columns} from (
{sql}
) as made;

-- name: add
insert into {table} ({columns}) select {columns} from (
{sql}
) as made;

-- name: analyze
analyze {table};

-- name: leave
drop table if exists {made};
create table {made} (like {table});

-- name: make
drop table if exists {made};
create table {made} (like {table});
insert into {made} ({columns}) select {columns} from (
{sql}
) as made;
analyze {made};

-- name: compare
create temporary table differing on commit drop as
select
    {columns},
    sum(difference) as difference,
    min(place) as place
from (
    select {columns}, 1 as difference, null::tid as place
    from {made}
    union all
    select {columns}, -1 as difference, kept.ctid as place
    from {table} as kept
    where {replaces}
) as compared
group by {columns}
having sum(difference) <> 0;

-- name: is_different
select exists (select from differing);

-- name: replace
with gone as (
    delete from {table} as kept
    where
        kept.ctid = any(array(
            select differing.place from differing where differing.difference < 0
        ))
    returning kept.*
)

insert into build.touched (relation, facility_code, day, encounter_id, claim_id)
select distinct {name}, {facility}, {day}, {encounter}, {claim}
from gone where {touches};
select build.delete_alike($${table}$$, $${columns}$$);
with come as (
    insert into {table} ({columns})
    select {columns}
    from differing
    cross join lateral generate_series(1, differing.difference)
    where differing.difference > 0
    returning *
)

insert into build.touched (relation, facility_code, day, encounter_id, claim_id)
select distinct {name}, {facility}, {day}, {encounter}, {claim}
from come where {touches};
select build.analyze_touched();

-- name: forget_differing
drop table differing;

-- name: forget_made
drop table {made};

-- name: ask
select count(*) from (
{sql}
) as found;
