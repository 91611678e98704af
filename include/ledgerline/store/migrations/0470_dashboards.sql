-- What every page of the dashboards tells first: which publication it shows, how old its
-- data is and what the gate said; and the names that readers know codes by.
create view marts.publication_status as
with shown as (
    select
        publication.publication_id,
        publication.published_at,
        publication.verdict,
        publication.held_facilities,
        decision.decided_at,
        decision.evaluated_count
    from ops.publication as publication
    inner join ops.gate_decision as decision using (decision_id)
    order by publication.publication_id desc
    limit 1
),

refused as (
    select decided_at
    from ops.gate_decision
    where
        decision_id > (select max(published.decision_id) from ops.publication as published)
        and verdict = 'BLOCK'
    order by decision_id desc
    limit 1
)

select
    shown.publication_id,
    shown.published_at,
    (
        select max(batch.finished_at)
        from ops.landing_batch as batch
        where batch.status = 'complete' and batch.finished_at <= shown.decided_at
    ) as data_as_of,
    case
        when refused.decided_at is not null then 'NOT PASSED'
        when shown.verdict = 'HOLD' then 'HELD'
        else 'PASSED'
    end as gate_badge,
    case
        when refused.decided_at is not null then format(
            'The data of %s did not pass the gate: this is publication %s, the last that did',
            to_char(refused.decided_at at time zone 'UTC', 'FMMonth DD, YYYY HH24:MI "UTC"'),
            shown.publication_id
        )
        when shown.verdict = 'HOLD' then format(
            'Held as they were before: %s', array_to_string(shown.held_facilities, ', ')
        )
        else format(
            '%s checks evaluated, none holds anything back',
            to_char(shown.evaluated_count, 'FM999,999,990')
        )
    end as gate_note,
    refused.decided_at as refused_at
from shown
left join refused on true;

comment on view marts.publication_status is
'One row: the publication that readers see, how old its data is, and what the gate said since. Live';
comment on column marts.publication_status.publication_id is 'Number of the publication that readers see';
comment on column marts.publication_status.published_at is 'When readers saw it first, UTC';
comment on column marts.publication_status.data_as_of is
'When the newest data behind it had landed, UTC';
comment on column marts.publication_status.gate_badge is
'PASSED; HELD when facilities stayed as they were; NOT PASSED when newer data was refused';
comment on column marts.publication_status.gate_note is 'The same in one sentence';
comment on column marts.publication_status.refused_at is
'When the gate refused newer data; empty when it did not';

-- The names of service lines are loaded by the first build, which may make their table
-- anew: nothing here may depend on it.
create function ops.service_line_names()
returns table (service_line_code text, service_line_name text)
language plpgsql stable security definer set search_path = pg_catalog
as $$
begin
    if to_regclass('reference.service_line') is not null then
        return query
        select line.service_line_code::text, line.service_line_name::text
        from reference.service_line as line;
    end if;
end;
$$;
comment on function ops.service_line_names is
'Code and name of every service line; nothing before the first build';

create view marts.code_name as
select
    'service_line' as code_set,
    service_line_code as code,
    service_line_name as code_name
from ops.service_line_names()
union all
select
    'facility',
    facility_code,
    facility_name
from reference.facility
union all
select
    'payer',
    payer_code,
    payer_name
from reference.payer;

comment on view marts.code_name is
'One row per code of service lines, facilities and payers: the name that readers know it by. Live';
comment on column marts.code_name.code_set is 'service_line, facility or payer';
comment on column marts.code_name.code is 'Canonical code';
comment on column marts.code_name.code_name is 'Name of it';

create function marts.dollars(amount numeric) returns text
language sql immutable
return case
    when amount is null then 'unknown'
    when round(amount) < 0 then to_char(- amount, '"($"FM999,999,999,999,990")"')
    else to_char(amount, '"$"FM999,999,999,999,990')
end;
comment on function marts.dollars is
'Whole dollars as finance people write them: $1,234, and ($1,234) below zero';

grant select on marts.publication_status, marts.code_name
to ledgerline_analyst, ledgerline_executive;
