-- Bytes of files lie compressed: landing writes and logs a tenth of them, and no byte is
-- lost. Statistics of records come from a smaller sample: they are counted at each landing.
create or replace function ops.tune_raw_zone(raw text) returns void
language plpgsql
as $function$
begin
    execute format($ddl$
        alter table %1$I.record
            set (toast_tuple_target = 8160),
            alter column body set statistics 0,
            alter column content_sha256 set statistics 0,
            alter column byte_offset set statistics 0,
            alter column byte_length set statistics 0,
            alter column record_id set statistics 10,
            alter column file_id set statistics 10,
            alter column batch_id set statistics 10,
            alter column resource_type set statistics 10,
            alter column resource_id set statistics 10,
            alter column received_at set statistics 10;
    $ddl$, raw);
end;
$function$;

do $$
declare
    raw text;
begin
    for raw in
        select schemaname from pg_catalog.pg_tables
        where schemaname like 'raw\_%' and tablename = 'file_chunk'
    loop
        execute format($ddl$
            alter table %1$I.file
                add column is_packed boolean not null default false;
            comment on column %1$I.file.is_packed is
            'Whether its pages are one Zstandard frame; else they are the bytes themselves';
        $ddl$, raw);
        perform ops.tune_raw_zone(raw);
    end loop;
end;
$$;
