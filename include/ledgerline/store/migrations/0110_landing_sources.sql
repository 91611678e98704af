-- Landing of any source: what it remembers, its deletions, its raw zone.

-- A source is named by its zone, or by its zone, an underscore and more.
update ops.landing_batch
set source = case source when 'ehr' then 'ehr_fhir' else 'billing_x12' end
where source in ('ehr', 'billing');
update ops.quarantined_record
set source = case source when 'ehr' then 'ehr_fhir' else 'billing_x12' end
where source in ('ehr', 'billing');
alter table ops.landing_batch
add column zone text generated always as (split_part(source, '_', 1)) stored;
alter table ops.quarantined_record
add column zone text generated always as (split_part(source, '_', 1)) stored;
comment on column ops.quarantined_record.zone is 'The raw schema is raw_<zone>';

create or replace view ops.landing_balance as
select
    batch_id,
    source,
    status,
    received_count,
    landed_count,
    quarantined_count,
    duplicate_count,
    received_count - landed_count - quarantined_count - duplicate_count
        as difference_count,
    zone
from ops.landing_batch;

create table ops.source_state (
    source text not null,
    key text not null,
    value jsonb not null,
    saved_at timestamptz not null default clock_timestamp(),
    primary key (source, key)
);
comment on table ops.source_state is
'One row per thing that a source remembers from run to run: watermarks, running exports';

-- A page of the ERP names its resource type in its format, no longer in its name only.
update raw_erp.file
set format = 'rows/' || regexp_replace(name, '-[0-9]+\.ndjson$', '')
where format = 'erp-ndjson';

do $$
declare
    zone text;
begin
    foreach zone in array array['raw_ehr', 'raw_billing', 'raw_erp']
    loop
        execute format($ddl$
            alter table %1$I.file add column expected_count bigint;
            alter table %1$I.vanishing
                drop constraint vanishing_pkey,
                add column vanishing_id bigint
                generated always as identity primary key,
                add column file_id bigint references %1$I.file,
                add column byte_offset bigint,
                add column byte_length integer;
            create index on %1$I.vanishing (resource_type, resource_id);
            comment on table %1$I.vanishing is
            'One row each time a source deleted a resource or no longer held it';
        $ddl$, zone);
    end loop;
end;
$$;

create function ops.create_raw_zone(zone text) returns void
language plpgsql
as $function$
declare
    raw text := 'raw_' || zone;
begin
    if zone !~ '^[a-z][a-z0-9]{0,39}$' then
        raise exception 'a zone is named by lower-case letters and digits';
    end if;
    perform pg_advisory_xact_lock(hashtext('ledgerline.raw_zone'), hashtext(zone));
    if to_regnamespace(raw) is not null then
        return;
    end if;
    execute format($ddl$
        create schema %1$I;
        comment on schema %1$I is
        'Bytes and records of a source exactly as received';
        grant usage on schema %1$I to ledgerline_build;
        alter default privileges in schema %1$I
        grant select on tables to ledgerline_build;

        create table %1$I.file (like raw_erp.file including all);
        alter table %1$I.file
            add foreign key (batch_id) references ops.landing_batch;
        create table %1$I.file_chunk (like raw_erp.file_chunk including all);
        alter table %1$I.file_chunk
            add foreign key (file_id) references %1$I.file;
        create table %1$I.record (like raw_erp.record including all);
        alter table %1$I.record
            add foreign key (file_id) references %1$I.file,
            add foreign key (batch_id) references ops.landing_batch;
        create table %1$I.version (like raw_erp.version including all);
        alter table %1$I.version
            add foreign key (file_id) references %1$I.file;
        create table %1$I.sighting (like raw_erp.sighting including all);
        alter table %1$I.sighting
            add foreign key (record_id) references %1$I.record,
            add foreign key (batch_id) references ops.landing_batch;
        create table %1$I.vanishing (like raw_erp.vanishing including all);
        alter table %1$I.vanishing
            add foreign key (batch_id) references ops.landing_batch,
            add foreign key (file_id) references %1$I.file;
    $ddl$, raw);
    execute format(
        'create view %1$I.current_record as %2$s',
        raw,
        replace(pg_get_viewdef('raw_erp.current_record'::regclass), 'raw_erp.', raw || '.')
    );
    execute format(
        'comment on view %1$I.current_record is %2$L; '
        'grant select on %1$I.current_record to ledgerline_build',
        raw,
        'One row per resource that exists: the content that its source showed last'
    );
end;
$function$;
comment on function ops.create_raw_zone is
'Makes schema raw_<zone> with the tables of every raw zone, once; later calls do nothing';
