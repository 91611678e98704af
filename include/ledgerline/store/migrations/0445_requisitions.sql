-- Requisitions: what a store asks a buyer for. They move neither goods nor money: their
-- amount is zero, no period is closed to them, and they have no opposite.
alter table post.entry drop constraint entry_document_type_check;
alter table post.entry add constraint entry_document_type_check
check (document_type in ('journal', 'stock_move', 'requisition'));
alter table post.entry add constraint entry_requisition_reverses_check
check (document_type <> 'requisition' or reverses is null);
comment on column post.entry.total_amount is
'USD, the sum of the debits; for stock, the value moved; for a requisition, zero';

create table post.requisition_line (
    entry_id uuid not null references post.entry,
    line_number integer not null,
    location_code text not null,
    item_code text not null,
    quantity numeric(18, 4) not null check (quantity > 0),
    unit text not null,
    primary key (entry_id, line_number)
);
create index on post.requisition_line (location_code, item_code);
comment on table post.requisition_line is
'One row per item that a requisition asks for, for one store';
create trigger guard_line before insert on post.requisition_line
for each row execute function post.guard_line();
create trigger append_only before update or delete or truncate on post.requisition_line
for each statement execute function ops.refuse_change();

create or replace function post.derive_lines() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if new.document_type = 'journal' then
        insert into post.entry_line
        select new.entry_id, line.ordinality, line.value ->> 'account_code',
            line.value ->> 'cost_center_code', line.value ->> 'service_line_code',
            (line.value ->> 'amount_cents')::bigint
        from jsonb_array_elements(new.payload -> 'lines') with ordinality as line;
        if (select sum(amount_cents) from post.entry_line where entry_id = new.entry_id)
            is distinct from 0 then
            perform post.refuse('UNBALANCED', new.natural_key || ' does not balance');
        end if;
    elsif new.document_type = 'requisition' then
        insert into post.requisition_line
        select new.entry_id, line.ordinality, new.payload ->> 'store',
            line.value ->> 'item_code', (line.value ->> 'quantity')::numeric,
            line.value ->> 'unit'
        from jsonb_array_elements(new.payload -> 'lines') with ordinality as line;
    else
        insert into post.stock_line
        select new.entry_id, line.ordinality, new.payload ->> 'store',
            line.value ->> 'item_code', line.value ->> 'lot_number',
            (line.value ->> 'quantity')::numeric
            * case when new.payload ->> 'store' = new.payload ->> 'from_location'
                then 1 else -1 end,
            line.value ->> 'unit', (line.value ->> 'amount_cents')::bigint
        from jsonb_array_elements(new.payload -> 'lines') with ordinality as line;
    end if;
    perform audit.append('post.entry', new.entry_id::text, 'new -> HELD', jsonb_build_object(
        'natural_key', new.natural_key, 'publication_id', new.publication_id,
        'amount_cents', new.total_amount_cents, 'payload_sha256', new.payload_sha256
    ));
    return null;
end;
$$;

-- The codes of an entry that the ERP, where it tells them, does not have.
create or replace function post.missing_codes(wanted uuid)
returns table (kind text, code text)
language sql stable as $$
    select named.kind, named.code
    from (
        select naming.kind, naming.code
        from post.entry_line as line
        cross join lateral (
            values ('account', line.account_code),
                ('cost center', line.cost_center_code),
                ('service line', line.service_line_code)
        ) as naming (kind, code)
        where line.entry_id = wanted
        union
        select 'item', line.item_code from post.stock_line as line
        where line.entry_id = wanted
        union
        select naming.kind, naming.code
        from post.requisition_line as line
        cross join lateral (
            values ('item', line.item_code), ('location', line.location_code)
        ) as naming (kind, code)
        where line.entry_id = wanted
        union
        select 'location', naming.code
        from post.entry as entry
        cross join lateral (
            values (entry.payload ->> 'from_location'), (entry.payload ->> 'to_location')
        ) as naming (code)
        where entry.entry_id = wanted and entry.document_type = 'stock_move'
    ) as named
    join post.erp_kind as told on told.kind = named.kind and told.read_at is not null
    -- A look at the key for each code; an anti-join would read them all for an entry.
    where named.code <> '' and (
        select had.is_active from post.erp_code as had
        where had.kind = named.kind and had.code = named.code
    ) is not true
$$;

-- Why an entry may not leave HELD; nothing when it may.
create or replace function post.why_held(entry post.entry)
returns table (category text, owner text, explanation text)
language sql stable as $$
    select 'MASTER_DATA', 'data_steward', format(
        '%s waits for a mapping (%s): `ledgerline crosswalk worklist` names the codes',
        entry.natural_key, entry.hold_class
    )
    where entry.hold_class <> ''
    union all
    select 'DQ_GATE', 'data_engineering',
        'no passing verdict covers ' || entry.natural_key
    where entry.hold_class = '' and not post.is_covered(entry)
    union all
    select 'PERIOD_CLOSED', 'finance', format(
        'the ERP has closed the period of %s, in which %s is dated; the next run dates it anew',
        entry.posting_date, entry.natural_key
    )
    where entry.hold_class = '' and entry.document_type <> 'requisition'
        and post.open_date(entry.posting_date) <> entry.posting_date
    union all
    select 'MASTER_DATA', told.owner, format(
        'the ERP has no %s %s, which %s names: add it to the ERP''s %s, or correct the '
        'mapping that leads to it', missing.kind, missing.code, entry.natural_key, told.home
    )
    from post.missing_codes(entry.entry_id) as missing
    join post.erp_kind as told on told.kind = missing.kind
$$;

-- What is asked for is compared by item.
alter table ops.reconciliation_line drop constraint reconciliation_line_scope_check;
alter table ops.reconciliation_line add constraint reconciliation_line_scope_check
check (scope in ('account', 'cost_object', 'stock', 'requisition', 'document'));
comment on table ops.reconciliation_line is
'One row per run, pair of systems and what is compared: accounts, cost objects, stock, requisitions, documents';
comment on column ops.reconciliation_line.subject is
'Cost center|service line, store|item|lot, item asked for, or our reference of a document; empty for accounts';

-- What the outbox and the gate say of entries, part by part.
create or replace function post.evidence_of_entries(wanted uuid[])
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
        union all
        select asked.entry_id, asked.line_number, to_jsonb(asked)
        from post.requisition_line as asked where asked.entry_id = any(wanted)
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

-- The facts behind entries, as they were published when the entry was proposed. Behind a
-- requisition are the need of its items and what the ERP said to be on hand.
create or replace function post.facts_behind(wanted uuid[])
returns table (
    entry_id uuid, fact_key text, fact_name text, fact_id text, amount numeric,
    event_date date, zone text, record_id bigint, content jsonb
)
language plpgsql stable as $$
begin
    if to_regclass('published.outbound__out_journal_fact') is not null then
        return query
        select
            f.entry_id, f.journal_fact_id::text, f.fact_name::text, f.fact_id::text,
            f.amount::numeric, f.event_date::date, f.zone, f.record_id::bigint, to_jsonb(f)
        from (
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
        ) as f;
    end if;
    if to_regclass('published.conformed__fct_supply_usage') is not null then
        return query
        select
            f.entry_id, f.supply_usage_id::text, 'fct_supply_usage',
            f.supply_usage_id::text, f.supply_cost::numeric, f.usage_date::date, 'ehr',
            f.record_id::bigint, to_jsonb(f)
        from (
            select
                link.entry_id, usage.supply_usage_id, usage.facility_code,
                usage.usage_date, usage.hold_reason, usage.stock_location_code,
                usage.item_code, usage.lot_number, usage.quantity, usage.quantity_unit,
                usage.supply_cost, usage.record_id
            from post.stock_fact as link
            join post.entry as entry using (entry_id)
            join published.conformed__fct_supply_usage as usage
                on link.supply_usage_id = usage.supply_usage_id
                    and entry.publication_id >= usage.published_from
                    and (
                        usage.published_to is null
                        or entry.publication_id < usage.published_to
                    )
            where link.entry_id = any(wanted)
        ) as f;
    end if;
    if to_regclass('published.marts__replenishment_need') is not null then
        return query
        select
            f.entry_id, concat_ws('|', f.stock_location_code, f.item_code),
            'replenishment_need', concat_ws('|', f.stock_location_code, f.item_code),
            0::numeric, f.demand_date::date, 'erp', null::bigint, to_jsonb(f)
        from (
            select
                line.entry_id, need.facility_code, need.stock_location_code,
                need.item_code, need.demand_date, need.on_hand_quantity,
                need.unissued_quantity, need.on_order_quantity,
                need.requisitioned_quantity, need.refused_quantity,
                need.reorder_quantity, need.level_quantity, need.needed_quantity
            from post.requisition_line as line
            join post.entry as entry using (entry_id)
            join published.marts__replenishment_need as need
                on line.location_code = need.stock_location_code
                    and line.item_code = need.item_code
                    and entry.facility_code = need.facility_code
                    and entry.publication_id >= need.published_from
                    and (
                        need.published_to is null
                        or entry.publication_id < need.published_to
                    )
            where line.entry_id = any(wanted)
        ) as f;
    end if;
    if to_regclass('published.conformed__fct_inventory_balance') is not null then
        return query
        select
            f.entry_id, f.inventory_balance_id::text, 'fct_inventory_balance',
            f.inventory_balance_id::text, f.inventory_amount::numeric,
            f.balance_date::date, 'erp', f.record_id::bigint, to_jsonb(f)
        from (
            select
                line.entry_id, held.inventory_balance_id, held.stock_location_code,
                held.item_code, held.lot_number, held.on_hand_quantity,
                held.inventory_amount, held.balance_date, held.record_id
            from post.requisition_line as line
            join post.entry as entry using (entry_id)
            join published.conformed__fct_inventory_balance as held
                on line.location_code = held.stock_location_code
                    and line.item_code = held.item_code
                    and entry.publication_id >= held.published_from
                    and (
                        held.published_to is null
                        or entry.publication_id < held.published_to
                    )
            where line.entry_id = any(wanted)
        ) as f;
    end if;
end;
$$;

-- The published facts behind entries, and the files that they were read from.
create or replace function post.evidence_of_sources(wanted uuid[])
returns table (entry_id uuid, part text, content jsonb)
language plpgsql stable set timezone = 'UTC' as $$
begin
    return query
    with fact as (
        select * from post.facts_behind(wanted)
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
            union all
            select 'erp', file_id, record_id, content_sha256 from raw_erp.record
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
            union all
            select 'erp', of_zone.file_id, of_zone.name,
                of_zone.content_sha256, exists (
                select from raw_erp.file as same
                join raw_erp.file_chunk as chunk using (file_id)
                where same.content_sha256 = of_zone.content_sha256
            )
            from raw_erp.file as of_zone
        ) as stored using (zone, file_id)
        group by 1, 2, 3, 4, 5, 6
    )
    select f.entry_id, 'facts'::text, jsonb_build_object(
        'count', count(*), 'sha256', post.sha256_of(
            jsonb_agg(f.content order by f.fact_key)
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
