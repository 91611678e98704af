-- Landing of any source: what it remembers, its name and zone, its deletions.

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
