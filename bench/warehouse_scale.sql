-- name: prepare
-- What is copied, each with the account that it belongs to, and whether that is of the
-- newest month: an increment is of days that have just gone by. Copies are of earlier
-- quarters, in which the codes meant the same.
create schema bench;
do $$
declare
    name text;
begin
    foreach name in array array['crosswalk', 'facility', 'payer_contract', 'denial_rule']
    loop
        execute format(
            'update reference.%I set valid_from = valid_from - interval ''9 years'', '
            'valid_to = valid_to - interval ''9 years''', name
        );
    end loop;
end;
$$;
create table bench.account as
select
    account,
    sum(lines)::bigint as lines,
    max(day) as last_day,
    max(day) >= (max(max(day)) over ()) - 30 as is_newest
from (
    select
        upper(body ->> 'account_number') as account,
        coalesce(body ->> 'statement_through', body ->> 'submission_date')::date as day,
        jsonb_array_length(body -> 'lines') as lines
    from raw_billing.record where resource_type = '837.claim'
) as claim
group by account;
create table bench.billing as
select
    record.*,
    coalesce(account.is_newest, false) as is_newest,
    concat_ws(
        '|',
        body ->> 'transaction_id',
        coalesce(
            body ->> 'group_control_number',
            body #>> '{transaction_set,group_control_number}'
        )
    ) as envelope
from raw_billing.record as record
left join bench.account as account
    on upper(record.body ->> 'account_number') = account.account
where
    record.resource_type in (
        '837.claim', '835.claim', '277CA.claim', '835.transaction', '999.group'
    );
update bench.billing set is_newest = true
where
    resource_type in ('835.transaction', '999.group')
    and envelope in (select newest.envelope from bench.billing as newest where is_newest);
create table bench.ehr as
select
    record.*,
    false as is_newest,
    upper(
        coalesce(
            record.body #>> '{patient,account_number}',
            (
                select identifier ->> 'value'
                from jsonb_array_elements(record.body -> 'identifier') as identifier
                where identifier -> 'type' -> 'coding' @> '[{"code": "AN"}]' limit 1
            )
        )
    ) as account,
    substring(record.body::text from 'Encounter/([^"/]+)') as encounter_id,
    substring(record.body #>> '{subject,reference}' from 'Patient/(.+)') as patient_id
from raw_ehr.record as record
where record.resource_type in ('Encounter', 'DFT', 'SupplyDelivery', 'Patient');
update bench.ehr set is_newest = true
where
    resource_type in ('Encounter', 'DFT')
    and account in (select known.account from bench.account as known where is_newest);
update bench.ehr as other set is_newest = true
from bench.ehr as encounter
where
    encounter.resource_type = 'Encounter'
    and encounter.is_newest
    and case other.resource_type
        when 'SupplyDelivery' then other.encounter_id = encounter.resource_id
        when 'Patient' then other.resource_id = encounter.patient_id
    end;
create table bench.visit as
select
    visit.*,
    upper(visit.account_number) in (
        select known.account from bench.account as known where known.is_newest
    ) as is_newest
from raw_ehr.folded_visit as visit;
create table bench.event as
select record.*, visit.is_newest
from raw_ehr.record as record
inner join bench.visit as visit on record.record_id = visit.last_record_id;
analyze bench.billing;
analyze bench.ehr;
create table bench.period as
select min(extract(year from last_day))::integer as first_year from bench.account;
create function bench.back(body jsonb, span interval) returns jsonb
language plpgsql stable as $$
declare
    told text := body;
    day text;
begin
    if span = interval '0' then
        return body;
    end if;
    -- The earliest first: a day that was written is never found again.
    for day in
        select distinct seen[1]
        from
            regexp_matches(told, '"(2\d{3}-[01]\d-[0-3]\d|2\d{3}[01]\d[0-3]\d(?="))', 'g')
            as seen
        where seen[1] >= (select period.first_year::text from bench.period as period)
        order by seen[1]
    loop
        told := replace(
            told,
            '"' || day,
            '"' || to_char(
                day::date - span,
                case when day like '%-%' then 'YYYY-MM-DD' else 'YYYYMMDD' end
            )
        );
    end loop;
    return told;
end;
$$;

-- name: date_billing_back
-- The same records as of every quarter that is copied: to find the days in their text
-- takes longer than all else.
create table bench.dated_billing as
select dated.*, number as quarters
from bench.billing
cross join generate_series(0, %(quarters)s::integer - 1) as number
cross join lateral jsonb_populate_record(
    billing,
    jsonb_build_object('body', bench.back(billing.body, number * interval '91 days'))
) as dated;

-- name: date_ehr_back
create table bench.dated_ehr as
select dated.*, number as quarters
from bench.ehr
cross join generate_series(0, %(quarters)s::integer - 1) as number
cross join lateral jsonb_populate_record(
    ehr, jsonb_build_object('body', bench.back(ehr.body, number * interval '91 days'))
) as dated;

-- name: copy_billing
insert into raw_billing.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    kept.file_id, kept.batch_id, kept.resource_type, copy.tag || kept.resource_id,
    sha256(convert_to(copy.tag || kept.record_id, 'UTF8')), kept.byte_offset,
    kept.byte_length,
    (
        kept.body || coalesce(
            (
                select
                    jsonb_object_agg(
                        field.key,
                        case
                            when field.key = 'transaction_id' then copy.tag || field.value
                            else field.value || copy.tag
                        end
                    )
                from jsonb_each_text(kept.body) as field
                where
                    field.key in (
                        'account_number', 'claim_id', 'payer_claim_control_number',
                        'original_reference', 'submission_reference', 'transaction_id',
                        'group_control_number'
                    )
                    and field.value <> ''
            ),
            '{}'
        )
    ) || case
        when kept.body ? 'transaction_set'
            then jsonb_build_object(
                'transaction_set',
                (kept.body -> 'transaction_set') || jsonb_build_object(
                    'group_control_number',
                    (kept.body #>> '{transaction_set,group_control_number}') || copy.tag
                )
            )
        else '{}'
    end
from bench.dated_billing as kept
inner join (
    select
        %(tag)s || number::text as tag,
        number %% %(quarters)s as quarters
    from generate_series(%(first)s::integer, %(last)s::integer) as number
) as copy on kept.quarters = copy.quarters
where kept.is_newest or not %(only_newest)s;

-- name: copy_ehr
insert into raw_ehr.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    kept.file_id, kept.batch_id, kept.resource_type, kept.resource_id || copy.tag,
    sha256(convert_to(copy.tag || kept.record_id, 'UTF8')), kept.byte_offset,
    kept.byte_length,
    case
        when kept.resource_type = 'DFT'
            then jsonb_set(
                jsonb_set(
                    moved.body, '{patient,account_number}',
                    to_jsonb((kept.body #>> '{patient,account_number}') || copy.tag)
                ),
                '{visit,visit_number}',
                to_jsonb((kept.body #>> '{visit,visit_number}') || copy.tag)
            )
        when kept.body ? 'identifier'
            then moved.body || jsonb_build_object(
                'identifier',
                (
                    select
                        jsonb_agg(
                            each || jsonb_build_object(
                                'value', (each ->> 'value') || copy.tag
                            )
                        )
                    from jsonb_array_elements(kept.body -> 'identifier') as each
                )
            )
        else moved.body
    end
from bench.dated_ehr as kept
inner join (
    select
        %(tag)s || number::text as tag,
        number %% %(quarters)s as quarters
    from generate_series(%(first)s::integer, %(last)s::integer) as number
) as copy on kept.quarters = copy.quarters
cross join lateral (
    select
        regexp_replace(
            kept.body::text, '"(Encounter|Patient)/([^"/]+)"', '"\1/\2' || copy.tag || '"',
            'g'
        )::jsonb as body
) as moved
where kept.is_newest or not %(only_newest)s;

-- name: copy_visits
with event as (
    insert into raw_ehr.record (
        file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
        byte_length, body
    )
    select
        kept.file_id, kept.batch_id, kept.resource_type,
        copy.tag || '#' || copy.quarters || '#' || kept.record_id,
        sha256(convert_to(copy.tag || kept.record_id, 'UTF8')), kept.byte_offset,
        kept.byte_length, kept.body
    from bench.event as kept
    cross join (
        select
            %(tag)s || number::text as tag,
            number %% %(quarters)s as quarters
        from generate_series(%(first)s::integer, %(last)s::integer) as number
    ) as copy
    where kept.is_newest or not %(only_newest)s
    returning record_id, resource_id
)

insert into raw_ehr.folded_visit
select copied.*
from (
    select
        record_id,
        split_part(resource_id, '#', 1) as tag,
        split_part(resource_id, '#', 2)::integer as quarters,
        split_part(resource_id, '#', 3)::bigint as copied
    from event
) as made
inner join raw_ehr.folded_visit as visit on made.copied = visit.last_record_id
cross join lateral jsonb_populate_record(
    visit,
    bench.back(to_jsonb(visit), made.quarters * interval '91 days') || jsonb_build_object(
        'visit_number', visit.visit_number || made.tag,
        'account_number',
        visit.account_number || case visit.account_number when '' then '' else made.tag end,
        'patient_identifiers',
        (
            select
                jsonb_agg(
                    each || jsonb_build_object('value', (each ->> 'value') || made.tag)
                )
            from jsonb_array_elements(visit.patient_identifiers) as each
        ),
        'last_record_id', made.record_id
    )
) as copied;

-- name: late_charges
-- Late bills of one line to claims of the newest half year.
insert into raw_billing.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    file_id, batch_id, resource_type, %(tag)s || resource_id,
    sha256(convert_to(%(tag)s || record_id, 'UTF8')), byte_offset, byte_length,
    body || jsonb_build_object(
        'frequency_code', '5',
        'submission_reference', %(tag)s || record_id,
        'charge_amount', body #> '{lines,0,charge_amount}',
        'lines', jsonb_build_array(body -> 'lines' -> 0)
    )
from raw_billing.record
where
    resource_type = '837.claim'
    and (body ->> 'statement_through')::date
    >= (select max(last_day) - 183 from bench.account)
order by md5(record_id::text || %(tag)s)
limit %(count)s;

-- name: vacuum_often
alter system set autovacuum_naptime = '5s';

-- name: reload
select pg_reload_conf();

-- name: vacuuming
select exists (
    select from pg_stat_activity where backend_type = 'autovacuum worker'
);

-- name: another_day
-- As if the build before had been on the day before.
update build.state
set marks = marks || jsonb_build_object('day', (marks ->> 'day')::integer - 1);

-- name: lines
select sum(jsonb_array_length(body -> 'lines'))
from raw_billing.record where resource_type = '837.claim';

-- name: size
select pg_database_size(current_database());

-- name: newest_lines
select sum(lines) from bench.account where is_newest;

-- name: base_lines
select sum(lines) from bench.account;

-- name: copy_ledger
-- What the ledger booked in every quarter that was copied, as often: cost keeps its ratio
-- to charges.
insert into raw_erp.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    kept.file_id, kept.batch_id, kept.resource_type, kept.resource_id || copy.tag,
    sha256(convert_to(copy.tag || kept.record_id, 'UTF8')), kept.byte_offset,
    kept.byte_length,
    bench.back(kept.body, copy.quarters * interval '3 months') || jsonb_build_object(
        'debit', (copy.times * (kept.body ->> 'debit')::numeric)::text,
        'credit', (copy.times * (kept.body ->> 'credit')::numeric)::text
    ) || case
        when kept.body ? 'move_line'
            then jsonb_build_object(
                'move_line',
                jsonb_build_object('id', (kept.body #>> '{move_line,id}') || copy.tag)
            )
        else '{}'
    end
from raw_erp.record as kept
cross join (
    select
        'g' || (number %% %(quarters)s) as tag,
        number %% %(quarters)s as quarters,
        count(*) as times
    from generate_series(1, %(copies)s::integer) as number
    group by number %% %(quarters)s
) as copy
where kept.resource_type in ('account.move.line', 'analytic_account.line');

-- name: costed
select
    sum(cost_amount) filter (where cost_method <> 'unallocated') / sum(cost_amount)
from candidate_conformed.fct_encounter_cost where cost_method <> 'actual';
