-- Of rows alike that are too many an increment takes one by its place, and these the
-- rest; they differ no further, so neither does what is noted of them.
create function build.delete_alike(kept regclass, columns text) returns void
language plpgsql
as $$
begin
    if exists (select from pg_temp.differing where difference < -1) then
        execute format(
            'delete from %1$s as kept
            using (
                select
                    other.ctid as place,
                    less.difference,
                    row_number() over (partition by less.content) as number
                from (
                    select difference, row(%2$s)::%1$s as content
                    from pg_temp.differing
                    where difference < -1
                ) as less
                inner join %1$s as other on less.content = other
            ) as alike
            where kept.ctid = alike.place and alike.number < -alike.difference',
            kept, columns
        );
    end if;
end
$$;
comment on function build.delete_alike is
'Delete from a table what pg_temp.differing, one row fewer each, says is too many; columns in order, quoted';

revoke execute on function build.delete_alike from public;
grant execute on function build.delete_alike to ledgerline_build;
