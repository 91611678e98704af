-- name: prepare
-- Which accounts may be copied: those of the newest two months apart, as an increment
-- is of days that have just gone by.
create schema bench;
create table bench.account as
select
    account,
    max(day) as day,
    sum(lines)::bigint as lines,
    max(day)::date >= (max(max(day)) over ())::date - 61 as is_newest
from (
    select
        upper(body ->> 'account_number') as account,
        coalesce(body ->> 'statement_through', body ->> 'submission_date') as day,
        jsonb_array_length(body -> 'lines') as lines
    from raw_billing.record where resource_type = '837.claim'
) as claim
group by account;
create table bench.billing as
select record.*, upper(record.body ->> 'account_number') as account
from raw_billing.record as record
where record.resource_type in ('837.claim', '835.claim', '277CA.claim', '835.transaction', '999.group');
create table bench.ehr as
select
    record.*,
    upper(
        coalesce(
            record.body #>> '{patient,account_number}',
            (
                select identifier ->> 'value'
                from jsonb_array_elements(record.body -> 'identifier') as identifier
                where identifier -> 'type' -> 'coding' @> '[{"code": "AN"}]' limit 1
            )
        )
    ) as account
from raw_ehr.record as record
where record.resource_type in ('Encounter', 'DFT', 'SupplyDelivery', 'Patient');
update bench.ehr as supply set account = encounter.account
from bench.ehr as encounter
where
    supply.resource_type = 'SupplyDelivery'
    and encounter.resource_type = 'Encounter'
    and encounter.resource_id = substring(supply.body::text from 'Encounter/([^"/]+)');
create table bench.visit as select * from raw_ehr.folded_visit;
create table bench.event as
select record.* from raw_ehr.record as record
where record.record_id in (select last_record_id from raw_ehr.folded_visit);

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
from bench.billing as kept
cross join (
    select %(tag)s || number::text as tag
    from generate_series(%(first)s::integer, %(last)s::integer) as number
) as copy
where
    not %(only_newest)s
    or kept.account in (select account from bench.account where is_newest);

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
                    kept.body, '{patient,account_number}',
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
from bench.ehr as kept
cross join (
    select %(tag)s || number::text as tag
    from generate_series(%(first)s::integer, %(last)s::integer) as number
) as copy
cross join lateral (
    select
        regexp_replace(
            kept.body::text, '"(Encounter|Patient)/([^"/]+)"', '"\1/\2' || copy.tag || '"',
            'g'
        )::jsonb as body
) as moved
where
    not %(only_newest)s
    or kept.account in (select account from bench.account where is_newest);

-- name: copy_visits
with event as (
    insert into raw_ehr.record (
        file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
        byte_length, body
    )
    select
        kept.file_id, kept.batch_id, kept.resource_type,
        copy.tag || '#' || kept.record_id,
        sha256(convert_to(copy.tag || kept.record_id, 'UTF8')), kept.byte_offset,
        kept.byte_length, kept.body
    from bench.event as kept
    cross join (
        select %(tag)s || number::text as tag
        from generate_series(%(first)s::integer, %(last)s::integer) as number
    ) as copy
    returning record_id, resource_id
)

insert into raw_ehr.folded_visit (
    sending_facility, visit_number, patient_class, status, admitted_at, discharged_at,
    discharge_disposition, department_native_code, account_number,
    patient_identifiers, event_count, last_record_id, content_sha256
)
select
    visit.sending_facility, visit.visit_number || made.tag, visit.patient_class,
    visit.status, visit.admitted_at, visit.discharged_at, visit.discharge_disposition,
    visit.department_native_code,
    case when visit.account_number <> '' then visit.account_number || made.tag else '' end,
    (
        select jsonb_agg(each || jsonb_build_object('value', (each ->> 'value') || made.tag))
        from jsonb_array_elements(visit.patient_identifiers) as each
    ),
    visit.event_count, made.record_id, visit.content_sha256
from (
    select
        record_id,
        split_part(resource_id, '#', 1) as tag,
        split_part(resource_id, '#', 2)::bigint as copied
    from event
) as made
inner join bench.visit as visit on made.copied = visit.last_record_id
where
    not %(only_newest)s
    or upper(visit.account_number) in (select account from bench.account where is_newest);

-- name: late_charges
-- Late bills to claims of any age, each with one line.
insert into raw_billing.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    file_id, batch_id, resource_type, %(tag)s || resource_id,
    sha256(convert_to(%(tag)s || record_id, 'UTF8')), byte_offset, byte_length,
    body || jsonb_build_object(
        'frequency_code', '5', 'submission_reference', %(tag)s,
        'lines', jsonb_build_array(body -> 'lines' -> 0)
    )
from raw_billing.record
where resource_type = '837.claim'
order by md5(record_id::text || %(tag)s)
limit %(count)s;

-- name: lines
select sum(jsonb_array_length(body -> 'lines'))
from raw_billing.record where resource_type = '837.claim';

-- name: newest_lines
select sum(lines) from bench.account where is_newest;

-- name: base_lines
select sum(lines) from bench.account;
