-- name: lock_mappings
-- Proposals, approvals and loads of the CSV files take turns.
lock table reference.crosswalk in share row exclusive mode;

-- name: insert_changeset
insert into reference.changeset (file_name, proposed_by)
values (%(file_name)s, %(proposed_by)s)
returning changeset_id;

-- name: insert_row
insert into reference.changeset_row (
    changeset_id, code_set, source_system, facility_code, native_code, canonical_code,
    valid_from, valid_to
)
values (
    %(changeset_id)s, %(code_set)s, %(source_system)s, %(facility_code)s,
    %(native_code)s, %(canonical_code)s, %(valid_from)s, %(valid_to)s
);

-- name: seal
update reference.changeset
set rows_sha256 = reference.changeset_sha256(changeset_id)
where changeset_id = %(changeset_id)s;

-- name: changesets
select
    changeset.changeset_id,
    changeset.file_name,
    changeset.state,
    (
        select count(*) from reference.changeset_row as mapping
        where mapping.changeset_id = changeset.changeset_id
    ) as row_count,
    changeset.proposed_by,
    changeset.proposed_at,
    reference.changeset_expires_at(changeset.proposed_at) as expires_at,
    changeset.decided_by,
    changeset.decided_at,
    changeset.publication_id
from reference.changeset as changeset
where
    changeset.changeset_id = %(changeset_id)s
    or (%(changeset_id)s is null and changeset.state = 'proposed')
order by changeset.changeset_id;

-- name: refuse_expired
select reference.refuse_expired(changeset)
from reference.changeset as changeset
where changeset.changeset_id = %(changeset_id)s;

-- name: rows
select
    code_set, source_system, facility_code, native_code, canonical_code, valid_from,
    valid_to
from reference.changeset_row
where changeset_id = %(changeset_id)s
order by code_set, source_system, facility_code, native_code, valid_from;

-- name: conflict
-- What is in force and begins inside the period of a new mapping, with another meaning.
-- An approved change of the same day is replaced; the CSV file of that day is not.
select canonical_code, valid_from, changeset_id
from reference.mapping
where
    code_set = %(code_set)s
    and source_system = %(source_system)s
    and facility_code = %(facility_code)s
    and native_code = %(native_code)s
    and canonical_code <> %(canonical_code)s
    and valid_from < coalesce(%(valid_to)s::date, 'infinity'::date)
    and (
        valid_from > %(valid_from)s
        or (valid_from = %(valid_from)s and changeset_id is null)
    )
order by valid_from
limit 1;

-- name: publication
select max(publication_id) from ops.publication;

-- name: impact
-- What is published of the codes whose meaning the changeset decides otherwise. A mapping
-- of one code from the same day is replaced, with its end.
with proposed as (
    select
        code_set, source_system, facility_code, native_code, canonical_code,
        valid_from, valid_to
    from reference.changeset_row
    where changeset_id = %(changeset_id)s
),

known as (
    select
        mapping.code_set, mapping.source_system, mapping.facility_code,
        mapping.native_code, mapping.canonical_code, mapping.valid_from,
        mapping.valid_to,
        exists (
            select from proposed
            where
                proposed.code_set = mapping.code_set
                and proposed.source_system = mapping.source_system
                and proposed.facility_code = mapping.facility_code
                and proposed.native_code = mapping.native_code
                and proposed.valid_from = mapping.valid_from
        ) as is_replaced
    from reference.mapping as mapping
    where (mapping.code_set, mapping.source_system, mapping.native_code) in (
        select code_set, source_system, native_code from proposed
    )
),

ruling as (
    select known.*, 'before' as side
    from known
    union all
    select known.*, 'after' as side
    from known
    where not is_replaced
    union all
    select proposed.*, false as is_replaced, 'after' as side
    from proposed
),

ruled as (
    select
        usage.code_set,
        usage.source_system,
        usage.record_kind,
        usage.canonical_code as from_code,
        usage.record_count,
        usage.usage_amount,
        (
            array_agg(
                ruling.canonical_code
                order by ruling.facility_code = '*' asc, ruling.valid_from desc
            ) filter (where ruling.side = 'before')
        )[1] as code_before,
        (
            array_agg(
                ruling.canonical_code
                order by ruling.facility_code = '*' asc, ruling.valid_from desc
            ) filter (where ruling.side = 'after')
        )[1] as code_after
    from conformed.fct_code_usage as usage
    inner join ruling
        on
            usage.code_set = ruling.code_set
            and usage.source_system = ruling.source_system
            and usage.native_code = ruling.native_code
            and ruling.facility_code in ('*', usage.facility_code)
            and usage.usage_date >= ruling.valid_from
            and usage.usage_date < coalesce(ruling.valid_to, 'infinity'::date)
    group by
        usage.code_set, usage.source_system, usage.facility_code, usage.native_code,
        usage.record_kind, usage.canonical_code, usage.usage_date, usage.record_count,
        usage.usage_amount
)

select
    code_set,
    source_system,
    record_kind,
    from_code,
    coalesce(code_after, 'unmapped') as to_code,
    sum(record_count)::bigint as record_count,
    sum(usage_amount) as amount
from ruled
where
    code_before is distinct from code_after
    and from_code <> coalesce(code_after, 'unmapped')
group by code_set, source_system, record_kind, from_code, code_after
order by 1, 2, 4, 5, 3;

-- name: keep_impact
insert into reference.changeset_impact (changeset_id, publication_id, lines)
values (%(changeset_id)s, %(publication_id)s, %(lines)s);

-- name: shown_impact
select publication_id, lines
from reference.changeset_impact
where changeset_id = %(changeset_id)s
order by impact_id desc
limit 1;

-- name: decide
update reference.changeset
set state = %(state)s, decided_by = %(decided_by)s,
    publication_id = %(publication_id)s
where changeset_id = %(changeset_id)s;
