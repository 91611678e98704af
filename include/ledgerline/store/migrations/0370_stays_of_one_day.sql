-- A stay that begins on the day on which the patient was discharged may continue the one
-- before: both are built together, whatever accounts they are on.
create function build.utc_day(moment text) returns date
language sql stable
return (
    select
        case
            when extract(month from day.value) <> day.month then null
            when moment ~ 'T'
                then (
                    (
                        moment
                        || case when moment ~ '(Z|[+-]\d\d:\d\d)$' then '' else 'Z' end
                    )::timestamptz at time zone 'UTC'
                )::date
            else day.value
        end
    from (
        select
            part.month,
            make_date(part.year, part.month, 1) + (part.number - 1) as value
        from (
            select
                substr(moment, 1, 4)::integer as year,
                coalesce(nullif(substr(moment, 6, 2), ''), '1')::integer as month,
                coalesce(nullif(substr(moment, 9, 2), ''), '1')::integer as number
            where
                moment ~ (
                    '^[12]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])'
                    || '(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?'
                    || '(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?)?)?$'
                )
        ) as part
    ) as day
);
comment on function build.utc_day is
'The day of a FHIR date or time, as the models read it; null of what is none';
