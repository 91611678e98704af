-- Once a candidate has been hashed and published whole, every row that comes or goes is
-- noted with its hash: the next hash and publication need to read nothing else.
create table build.followed (
    relation text primary key,
    candidate oid not null,
    filenode oid not null,
    triggers text[] not null,
    columns jsonb not null,
    row_count bigint not null,
    row_sum numeric not null,
    publication_id bigint
);
comment on table build.followed is
'One row per candidate as it was when it was last published: its size and hash';
comment on column build.followed.candidate is
'The table itself: one that was built anew has another number, and is read whole again';
comment on column build.followed.filenode is
'Its file: a table that was emptied or written anew has another one';
comment on column build.followed.triggers is
'The triggers that note its changes: one that was disabled or made again is another one';
comment on column build.followed.columns is 'Its columns and their types';
comment on column build.followed.publication_id is
'The publication that shows exactly these rows; null when facilities were held back';

create table build.row_change (
    candidate oid not null,
    is_gone boolean not null,
    row_hash bytea not null,
    content jsonb not null
);
create index on build.row_change (candidate);
comment on table build.row_change is
'One row per row that came to or went from a followed candidate since its publication';

-- The trigger's argument is the expression of a row's hash, over the alias `c`. The
-- settings are those under which every hash is made.
create function build.note_rows() returns trigger
language plpgsql
security definer
set search_path = pg_catalog
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
as $$
declare
    note constant text := 'insert into build.row_change '
        '(candidate, is_gone, row_hash, content) '
        'select $1, $2, ' || tg_argv[0] || ', to_jsonb(c) from ';
begin
    if tg_op <> 'INSERT' then
        execute note || 'gone as c' using tg_relid, true;
    end if;
    if tg_op <> 'DELETE' then
        execute note || 'come as c' using tg_relid, false;
    end if;
    return null;
end;
$$;

create function build.triggers(candidate oid) returns text[]
language sql stable
return (
    select array_agg(concat(t.oid, ' ', t.xmin) order by t.oid)
    from pg_trigger as t
    where
        t.tgrelid = candidate
        and t.tgfoid = 'build.note_rows()'::regprocedure
        and t.tgenabled = 'O'
);
comment on function build.triggers is
'The triggers of a candidate that note its changes, and the transaction that made each so';

-- The followed candidates that still are what was followed, with their hash by now.
create view build.following as
select
    followed.relation,
    followed.candidate,
    followed.columns,
    followed.publication_id,
    followed.row_count + coalesce(noted.row_count, 0) as row_count,
    followed.row_sum + coalesce(noted.row_sum, 0) as row_sum
from build.followed as followed
inner join pg_class as c
    on c.oid = followed.candidate and c.relfilenode = followed.filenode
inner join pg_namespace as n
    on
        n.oid = c.relnamespace
        and concat('candidate_', followed.relation) = concat(n.nspname, '.', c.relname)
left join lateral (
    select
        sum(sign.sign) as row_count,
        sum(
            sign.sign
            * ('x' || encode(substring(row_change.row_hash from 1 for 8), 'hex'))
                ::bit(64)::bigint::numeric
        ) as row_sum
    from build.row_change as row_change
    cross join lateral (
        select case when row_change.is_gone then -1 else 1 end as sign
    ) as sign
    where row_change.candidate = followed.candidate
) as noted on true
where followed.triggers = build.triggers(followed.candidate);
comment on view build.following is
'One row per followed candidate that is still the same table, with its size and hash now';
