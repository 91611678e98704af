-- A month's margin as readers knew it before the month after it appeared: what a build
-- says of that month now may differ, and the difference is a restatement.
create function build.published_margin()
returns table (
    facility_code text,
    service_line_code text,
    service_month date,
    operating_margin_amount numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regclass('published.marts__service_line_profitability') is null then
        return;
    end if;
    return query execute
        'with told as ('
        '    select * from published.marts__service_line_profitability'
        '), '
        'following as ('
        '    select facility_code, service_month, min(published_from) as appeared_in'
        '    from told group by facility_code, service_month'
        ') '
        'select told.facility_code, told.service_line_code, told.service_month, '
        'sum(told.operating_margin_amount) '
        'from following inner join told '
        'on told.facility_code = following.facility_code '
        'and told.service_month '
        '= (following.service_month - interval ''1 month'')::date '
        'and told.published_from < following.appeared_in '
        'and coalesce(told.published_to >= following.appeared_in, true) '
        'group by told.facility_code, told.service_line_code, told.service_month';
end;
$$;
comment on function build.published_margin is
'One row per facility, service line and month: the operating margin that readers saw in the last '
'publication before the one in which the facility''s next month appeared; none if both came at once';
revoke execute on function build.published_margin from public;
grant execute on function build.published_margin to ledgerline_build;
