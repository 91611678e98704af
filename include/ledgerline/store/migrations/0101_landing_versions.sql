-- Landing: what each file came to, versions that may exist once, content that returned
-- and content that vanished at its source.
alter table ops.landing_batch
add constraint landing_batch_balances check (
    received_count = landed_count + quarantined_count + duplicate_count
);

do $$
declare
    zone text;
begin
    foreach zone in array array['raw_ehr', 'raw_billing', 'raw_erp']
    loop
        execute format($ddl$
            alter table %1$I.file
                add column received_count bigint not null default 0,
                add column landed_count bigint not null default 0,
                add column quarantined_count bigint not null default 0,
                add column duplicate_count bigint not null default 0,
                add constraint file_balances check (
                    received_count
                    = landed_count + quarantined_count + duplicate_count
                );
            create index on %1$I.file (name);
            create index on %1$I.record (file_id);

            create table %1$I.version (
                version_key text primary key,
                content_sha256 bytea not null,
                file_id bigint not null references %1$I.file
            );
            comment on table %1$I.version is
            'One row per resource version or transaction set that may exist once';

            create table %1$I.sighting (
                sighting_id bigint generated always as identity primary key,
                record_id bigint not null references %1$I.record,
                batch_id bigint not null references ops.landing_batch,
                seen_at timestamptz not null default clock_timestamp()
            );
            create index on %1$I.sighting (record_id);
            comment on table %1$I.sighting is
            'One row each time a source went back to content it had shown before';

            create table %1$I.vanishing (
                resource_type text not null,
                resource_id text not null,
                batch_id bigint not null references ops.landing_batch,
                vanished_at timestamptz not null default clock_timestamp(),
                primary key (resource_type, resource_id, batch_id)
            );
            comment on table %1$I.vanishing is
            'One row each time a complete extract no longer held a resource';

            create view %1$I.current_record as
            with
            last_seen as (
                select record_id, max(seen_at) as seen_at
                from %1$I.sighting
                group by record_id
            ),
            latest as (
                select distinct on (record.resource_type, record.resource_id)
                    record.*,
                    coalesce(last_seen.seen_at, record.received_at) as seen_at
                from %1$I.record as record
                left join last_seen on record.record_id = last_seen.record_id
                order by
                    record.resource_type asc,
                    record.resource_id asc,
                    coalesce(last_seen.seen_at, record.received_at) desc,
                    record.record_id desc
            )
            select latest.*
            from latest
            where not exists (
                select from %1$I.vanishing as vanishing
                where
                    vanishing.resource_type = latest.resource_type
                    and vanishing.resource_id = latest.resource_id
                    and vanishing.vanished_at > latest.seen_at
            );
            comment on view %1$I.current_record is
            'One row per resource that exists: the content that its source showed last';
            grant select on %1$I.current_record to ledgerline_build;
        $ddl$, zone);
    end loop;
end;
$$;
