-- A row is noted as PostgreSQL writes it: half the work of jsonb, for one row as for a
-- million, and read back as the same row. Until the next publication has read every
-- candidate whole again, none is followed.
delete from build.followed;
truncate build.row_change;
alter table build.row_change alter column content type text using content::text;
comment on column build.row_change.content is 'The row, as PostgreSQL writes its record';

create or replace function build.note_rows() returns trigger
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
        'select $1, $2, ' || tg_argv[0] || ', c::text from ';
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
