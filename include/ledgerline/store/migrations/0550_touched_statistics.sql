-- What an increment touched is joined by many of its models: the planner is told how
-- much it is, each time that it has doubled. Only its owner may analyze a table.
create function build.analyze_touched() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_relation_size('build.touched') > 2 * (
        select greatest(relpages, 1) * current_setting('block_size')::bigint
        from pg_class
        where oid = 'build.touched'::regclass
    ) then
        analyze build.touched;
    end if;
end
$$;
comment on function build.analyze_touched is
'Gather statistics of build.touched where it has doubled since they were gathered';

revoke execute on function build.analyze_touched from public;
grant execute on function build.analyze_touched to ledgerline_build;
