-- A charge on no claim is held as 'unbilled', which is what an accrual is for. It names no
-- payer, so it takes such a charge where facility, cost center and service line are known.
create or replace function ops.accruals_wanted(wanted text, as_of date)
returns table (
    basis text, facility_code text, is_inpatient boolean, cost_center_code text,
    service_line_code text, amount numeric
)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    first date := ops.first_day(wanted);
    grace integer := as_of - ops.last_day(wanted);
begin
    if to_regclass('conformed.fct_charge') is null then
        return;
    end if;
    return query
    with charge as (
        select
            each.facility_code::text as facility, each.is_inpatient as inpatient,
            each.cost_center_code::text as center, each.service_line_code::text as line,
            each.charge_amount as charged, each.is_billed, each.posted_date,
            date_trunc('month', each.service_date)::date as month
        from conformed.fct_charge as each
        where (
            case
                when each.is_billed then each.hold_reason = ''
                else each.hold_reason in ('', 'unbilled')
                    and each.facility_code <> 'unmapped'
                    and each.cost_center_code <> 'unmapped'
                    and each.service_line_code <> 'unmapped'
            end
        )
            and each.service_date >= first - interval '6 months'
            and each.service_date <= ops.last_day(wanted)
    ),
    lag as (
        select
            facility,
            sum(charged) filter (
                where posted_date > ops.last_day(to_char(month, 'YYYY-MM')) + grace
            ) / nullif(sum(charged) filter (
                where posted_date <= ops.last_day(to_char(month, 'YYYY-MM')) + grace
            ), 0) as late_rate
        from charge where month < first group by facility
    ),
    wants as (
        select 'unbilled' as reason, facility, inpatient, center, line,
            sum(charged) as dollars
        from charge where month = first and not is_billed
        group by facility, inpatient, center, line
        union all
        select 'late', facility, inpatient, center, line,
            round(sum(charged) * max(late_rate), 2)
        from charge join lag using (facility) where month = first
        group by facility, inpatient, center, line
    )
    select reason, facility, inpatient, center, line, dollars
    from wants where dollars > 0;
end;
$$;
