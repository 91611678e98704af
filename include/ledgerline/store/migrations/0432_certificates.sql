-- A certificate per posted document: all that stands behind it, as it stood, so that
-- whatever is changed later is found and named.
alter table ops.gate_decision add column model_version text not null default '';
comment on column ops.gate_decision.model_version is
'Hash of the text of every dbt model, test and macro that the judged rows were made by';

create table post.certificate (
    entry_id uuid primary key references post.entry,
    evidence jsonb not null,
    certificate_sha256 text not null
);
comment on table post.certificate is
'One row per posted document: its evidence part by part, and the hash that is on the audit chain';

create function post.sha256_of(content jsonb) returns text
language sql immutable as $$
    select encode(sha256(convert_to(content::text, 'UTF8')), 'hex')
$$;

-- What the outbox and the gate say of entries, part by part.
create function post.evidence_of_entries(wanted uuid[])
returns table (entry_id uuid, part text, content jsonb)
language sql stable set timezone = 'UTC' as $$
    with entry as (
        select * from post.entry where entry.entry_id = any(wanted)
    ),
    decision as (
        select
            entry.entry_id, decision.run_id, decision.decided_at,
            to_jsonb(publication) as publication, to_jsonb(decision) as verdict,
            decision.decision_id
        from entry
        join ops.publication as publication using (publication_id)
        join ops.gate_decision as decision using (decision_id)
    ),
    checks as (
        select
            judged.decision_id,
            jsonb_build_object(
                'count', count(*),
                'sha256', post.sha256_of(
                    jsonb_agg(to_jsonb(result) order by result.check_result_id)
                )
            ) as content
        from (
            select distinct decision_id, run_id, decided_at from decision
        ) as judged
        join ops.check_result as result
            on result.run_id = judged.run_id
                and result.checked_at <= judged.decided_at
        group by judged.decision_id
    )
    select entry.entry_id, 'entry', to_jsonb(entry) from entry
    union all
    select line.entry_id, 'lines', jsonb_build_object(
        'count', count(*), 'sha256', post.sha256_of(
            jsonb_agg(line.content order by line.line_number)
        )
    )
    from (
        select journal.entry_id, journal.line_number, to_jsonb(journal) as content
        from post.entry_line as journal where journal.entry_id = any(wanted)
        union all
        select stock.entry_id, stock.line_number, to_jsonb(stock)
        from post.stock_line as stock where stock.entry_id = any(wanted)
    ) as line
    group by line.entry_id
    union all
    select attempt.entry_id, 'attempts',
        jsonb_agg(to_jsonb(attempt) order by attempt.attempt_number)
    from post.attempt as attempt where attempt.entry_id = any(wanted)
    group by attempt.entry_id
    union all
    select ledger.entry_id, 'ledger', to_jsonb(ledger)
    from post.ledger as ledger where ledger.entry_id = any(wanted)
    union all
    select decision.entry_id, 'publication',
        decision.publication - array['shapes', 'row_counts']
        || jsonb_build_object('row_sha256', post.sha256_of(decision.publication))
    from decision
    union all
    select decision.entry_id, 'verdict', decision.verdict - 'reasons'
        || jsonb_build_object('row_sha256', post.sha256_of(decision.verdict))
    from decision
    union all
    select decision.entry_id, 'checks', checks.content
    from decision join checks using (decision_id)
    union all
    select entry.entry_id, 'requests',
        jsonb_agg(to_jsonb(request) order by request.request_id)
    from entry
    join ops.request_use as used
        on used.subject in (entry.entry_id::text, entry.reverses::text)
    join ops.request as request
        on request.request_id = used.request_id
            and request.decided_at <= entry.posted_at
    group by entry.entry_id
    union all
    select entry.entry_id, 'steps', jsonb_agg(
        jsonb_build_object(
            'event_id', event.event_id, 'action', event.action,
            'event_sha256', encode(event.event_hash, 'hex'),
            'content_sha256', encode(audit.digest(event), 'hex')
        ) order by event.event_id
    )
    from entry
    join audit.event as event
        on event.subject = 'post.entry' and event.subject_id = entry.entry_id::text
    group by entry.entry_id
$$;

-- The published facts behind entries, and the files that they were read from.
create function post.evidence_of_sources(wanted uuid[])
returns table (entry_id uuid, part text, content jsonb)
language plpgsql stable set timezone = 'UTC' as $$
begin
    if to_regclass('published.outbound__out_journal_fact') is null then
        return;
    end if;
    return query
    with fact as (
        select
            link.entry_id, fact.journal_fact_id, fact.document_kind,
            fact.facility_code, fact.posting_date, fact.event_date, fact.hold_class,
            fact.account_code, fact.cost_center_code, fact.service_line_code,
            fact.amount, fact.fact_name, fact.fact_id, fact.record_id,
            case when fact.fact_name = 'fct_supply_usage' then 'ehr' else 'billing' end
                as zone
        from post.entry_fact as link
        join post.entry as entry using (entry_id)
        join published.outbound__out_journal_fact as fact
            on link.journal_fact_id = fact.journal_fact_id
                and entry.publication_id >= fact.published_from
                and (
                    fact.published_to is null
                    or entry.publication_id < fact.published_to
                )
        where link.entry_id = any(wanted)
    ),
    record as (
        select
            used.entry_id, used.zone, stored.file_id, stored.record_id,
            stored.content_sha256
        from (select distinct f.entry_id, f.zone, f.record_id from fact as f) as used
        join (
            select 'billing' as zone, file_id, record_id, content_sha256
            from raw_billing.record
            union all
            select 'ehr', file_id, record_id, content_sha256 from raw_ehr.record
        ) as stored using (zone, record_id)
    ),
    file as (
        select
            record.entry_id, record.zone, stored.file_id, stored.name,
            encode(stored.content_sha256, 'hex') as content_sha256,
            stored.has_bytes, count(*) as record_count,
            post.sha256_of(jsonb_agg(
                jsonb_build_array(
                    record.record_id, encode(record.content_sha256, 'hex')
                ) order by record.record_id
            )) as records_sha256
        from record
        join (
            select 'billing' as zone, of_zone.file_id, of_zone.name,
                of_zone.content_sha256, exists (
                select from raw_billing.file as same
                join raw_billing.file_chunk as chunk using (file_id)
                where same.content_sha256 = of_zone.content_sha256
            ) as has_bytes
            from raw_billing.file as of_zone
            union all
            select 'ehr', of_zone.file_id, of_zone.name,
                of_zone.content_sha256, exists (
                select from raw_ehr.file as same
                join raw_ehr.file_chunk as chunk using (file_id)
                where same.content_sha256 = of_zone.content_sha256
            )
            from raw_ehr.file as of_zone
        ) as stored using (zone, file_id)
        group by 1, 2, 3, 4, 5, 6
    )
    select f.entry_id, 'facts'::text, jsonb_build_object(
        'count', count(*), 'sha256', post.sha256_of(
            jsonb_agg(to_jsonb(f) order by f.journal_fact_id)
        )
    )
    from fact as f group by f.entry_id
    union all
    select i.entry_id, 'inputs', jsonb_agg(
        to_jsonb(i) - 'entry_id' order by i.zone, i.file_id
    )
    from file as i group by i.entry_id;
end;
$$;

create function post.evidence(wanted uuid[])
returns table (entry_id uuid, part text, content jsonb)
language sql stable as $$
    select * from post.evidence_of_entries(wanted)
    union all
    select * from post.evidence_of_sources(wanted)
$$;

-- Certify posted documents that have none yet; safe from several processes at once.
create function post.issue_certificates(most integer) returns integer
language plpgsql as $$
declare
    issued integer;
begin
    insert into post.certificate (entry_id, evidence, certificate_sha256)
    select made.entry_id, made.evidence, post.sha256_of(made.evidence)
    from (
        select part.entry_id, jsonb_object_agg(part.part, part.content) as evidence
        from post.evidence(array(
            select entry.entry_id from post.entry as entry
            where entry.state = 'POSTED' and not exists (
                select from post.certificate as certificate
                where certificate.entry_id = entry.entry_id
            )
            order by entry.order_sequence limit most
        )) as part
        group by part.entry_id
    ) as made
    on conflict do nothing;
    get diagnostics issued = row_count;
    return issued;
end;
$$;

create function post.record_certificate() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform audit.append(
        'post.certificate', new.entry_id::text, 'issued',
        jsonb_build_object('certificate_sha256', new.certificate_sha256)
    );
    return null;
end;
$$;
create trigger record_certificate after insert on post.certificate
for each row execute function post.record_certificate();
create trigger append_only before update or delete or truncate on post.certificate
for each statement execute function ops.refuse_change();

-- Where a part differs: the names of its fields, when it has any.
create function post.differing_fields(one jsonb, other jsonb) returns text
language sql immutable as $$
    select case
        when jsonb_typeof(one) = 'object' and jsonb_typeof(other) = 'object' then (
            select ' (' || string_agg(coalesce(a.key, b.key), ', ') || ')'
            from jsonb_each(one) as a full join jsonb_each(other) as b using (key)
            where a.value is distinct from b.value
        )
    end
$$;

-- What is no longer as it was certified; `wanted` is one entry, or null for all.
create function post.certificate_breaks(wanted uuid)
returns table (subject text, problem text)
language sql stable as $$
    with certified as (
        select certificate.*, entry.natural_key
        from post.certificate as certificate
        left join post.entry as entry using (entry_id)
        where wanted is null or certificate.entry_id = wanted
    ),
    noted as (
        select
            event.subject_id as entry_id,
            coalesce(
                (
                    select entry.natural_key from post.entry as entry
                    where entry.entry_id::text = event.subject_id
                ), event.subject_id
            ) as name,
            event.detail ->> 'certificate_sha256' as certificate_sha256
        from audit.event as event
        where event.subject = 'post.certificate' and event.action = 'issued'
            and (wanted is null or event.subject_id = wanted::text)
    ),
    then_and_now as (
        select
            coalesce(was.entry_id, now.entry_id) as entry_id,
            coalesce(was.part, now.part) as part,
            was.content as content_then, now.content as content_now
        from (
            select certified.entry_id, each.key as part, each.value as content
            from certified, jsonb_each(
                case jsonb_typeof(certified.evidence) when 'object' then certified.evidence
                else '{}' end
            ) as each
        ) as was
        full join post.evidence(array(select entry_id from certified)) as now
            on was.entry_id = now.entry_id and was.part = now.part
    )
    select 'post.certificate ' || coalesce(natural_key, entry_id::text),
        'its hash is not that of its evidence'
    from certified where certificate_sha256 <> post.sha256_of(evidence)
    union all
    select 'post.certificate ' || noted.name,
        case when certified.entry_id is null then 'it is missing'
            else 'it is not the one on the audit chain' end
    from noted left join certified on certified.entry_id::text = noted.entry_id
    where certified.certificate_sha256 is distinct from noted.certificate_sha256
    union all
    select 'post.certificate ' || coalesce(certified.natural_key, entry_id::text),
        'it is not on the audit chain'
    from certified
    where certified.entry_id::text not in (select noted.entry_id from noted)
    union all
    select 'post.entry ' || coalesce(certified.natural_key, entry_id::text),
        'its ' || then_and_now.part || coalesce(
            post.differing_fields(then_and_now.content_then, then_and_now.content_now), ''
        ) || ' is not what was certified'
    from then_and_now join certified using (entry_id)
    where then_and_now.content_then is distinct from then_and_now.content_now
$$;
