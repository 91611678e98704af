-- Records land by COPY straight into their table; a raw zone is made when it is needed.
--
-- That their file exists is not checked row by row: landing made it before, and a file
-- with records cannot be deleted. Bodies up to a page are kept as they are: compressing
-- them costs landing and every reader more than the room is worth. Bytes of files lie in
-- pages, a row each, which COPY writes several times as fast as it writes long values.
create function ops.keep_file() returns trigger
language plpgsql
as $function$
declare
    is_used boolean;
begin
    execute format(
        'select exists (select from %1$I.record where file_id = $1) '
        'or exists (select from %1$I.file_chunk where file_id = $1)',
        tg_table_schema
    ) into is_used using old.file_id;
    if is_used then
        raise exception 'file % of % has bytes or records', old.file_id, tg_table_schema
            using errcode = 'foreign_key_violation';
    end if;
    return old;
end;
$function$;
comment on function ops.keep_file is
'Refuses to delete a file of a raw zone to which bytes or records belong';

create function ops.tune_raw_zone(raw text) returns void
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
            alter column record_id set statistics 20,
            alter column file_id set statistics 20,
            alter column batch_id set statistics 20,
            alter column resource_type set statistics 20,
            alter column resource_id set statistics 20,
            alter column received_at set statistics 20;
    $ddl$, raw);
end;
$function$;
comment on function ops.tune_raw_zone is
'Sets how the records of a raw zone are stored and sampled';

do $$
declare
    raw text;
begin
    for raw in
        select schemaname from pg_catalog.pg_tables
        where schemaname like 'raw\_%' and tablename = 'file_chunk'
    loop
        execute format($ddl$
            alter table %1$I.record
                drop constraint if exists record_file_id_fkey,
                drop constraint if exists record_batch_id_fkey;
            alter table %1$I.version
                drop constraint if exists version_file_id_fkey;
            drop index if exists %1$I.record_file_id_idx;
            create index on %1$I.record using brin (file_id);
            alter table %1$I.file_chunk rename to file_chunk_long;
            create table %1$I.file_chunk (
                file_id bigint not null,
                chunk_number integer not null,
                bytes bytea not null,
                primary key (file_id, chunk_number)
            );
            alter table %1$I.file_chunk alter column bytes set storage plain;
            insert into %1$I.file_chunk (file_id, chunk_number, bytes)
            select
                long.file_id,
                row_number() over (
                    partition by long.file_id order by long.chunk_number, part.start
                ) - 1,
                substr(long.bytes, part.start, 8096)
            from %1$I.file_chunk_long as long
            cross join lateral generate_series(1, length(long.bytes), 8096)
                as part (start);
            drop table %1$I.file_chunk_long;
            create trigger file_is_kept before delete on %1$I.file
            for each row execute function ops.keep_file();
        $ddl$, raw);
        perform ops.tune_raw_zone(raw);
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
        create trigger file_is_kept before delete on %1$I.file
        for each row execute function ops.keep_file();
        create table %1$I.record (like raw_erp.record including all);
        create table %1$I.version (like raw_erp.version including all);
        create table %1$I.sighting (like raw_erp.sighting including all);
        alter table %1$I.sighting
            add foreign key (record_id) references %1$I.record,
            add foreign key (batch_id) references ops.landing_batch;
        create table %1$I.vanishing (like raw_erp.vanishing including all);
        alter table %1$I.vanishing
            add foreign key (batch_id) references ops.landing_batch,
            add foreign key (file_id) references %1$I.file;
    $ddl$, raw);
    perform ops.tune_raw_zone(raw);
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
