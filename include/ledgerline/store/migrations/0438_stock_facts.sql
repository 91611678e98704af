-- The certificate of a stock issue names the usages that it comes from, as one of a
-- journal entry names its facts.
create table post.stock_fact (
    entry_id uuid not null references post.entry,
    supply_usage_id text not null,
    primary key (entry_id, supply_usage_id)
);
comment on table post.stock_fact is
'One row per stock entry and usage of conformed.fct_supply_usage that stood behind it when it was proposed';
create trigger append_only before update or delete or truncate on post.stock_fact
for each statement execute function ops.refuse_change();

-- Link new stock entries to the published usages of their month behind their lines.
create function post.link_usages(wanted uuid[]) returns void
language plpgsql as $$
begin
    if to_regclass('conformed.fct_supply_usage') is null then
        return;
    end if;
    insert into post.stock_fact (entry_id, supply_usage_id)
    select distinct entry.entry_id, usage.supply_usage_id
    from post.entry as entry
    join post.stock_line as line using (entry_id)
    join conformed.fct_supply_usage as usage
        on usage.facility_code = entry.facility_code
            and usage.hold_reason = entry.hold_class
            and date_trunc('month', usage.usage_date)
            = date_trunc('month', entry.origin_date)
            and coalesce(usage.stock_location_code, '') = line.location_code
            and coalesce(usage.item_code, '') = line.item_code
            and coalesce(usage.lot_number, '') = line.lot_number
    where entry.entry_id = any(wanted);
end;
$$;

-- The facts behind entries, as they were published when the entry was proposed.
create function post.facts_behind(wanted uuid[])
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
end;
$$;

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
