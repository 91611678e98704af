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
    changeset.decided_by,
    changeset.decided_at,
    changeset.publication_id
from reference.changeset as changeset
where
    changeset.changeset_id = %(changeset_id)s
    or (%(changeset_id)s is null and changeset.state = 'proposed')
order by changeset.changeset_id;

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
-- What the codes would mean, where the changeset would decide, against what they mean.
with proposed as (
    select
        code_set, source_system, facility_code, native_code, canonical_code,
        valid_from, valid_to
    from reference.changeset_row
    where changeset_id = %(changeset_id)s
),

ruling as (
    select proposed.*, true as is_proposed
    from proposed
    union all
    select
        mapping.code_set, mapping.source_system, mapping.facility_code,
        mapping.native_code, mapping.canonical_code, mapping.valid_from,
        mapping.valid_to, false as is_proposed
    from reference.mapping as mapping
    where exists (
        select from proposed
        where
            proposed.code_set = mapping.code_set
            and proposed.source_system = mapping.source_system
            and proposed.native_code = mapping.native_code
    )
)

select
    usage.code_set,
    usage.source_system,
    usage.record_kind,
    usage.canonical_code as from_code,
    ruled.canonical_code as to_code,
    sum(usage.record_count)::bigint as record_count,
    sum(usage.usage_amount) as amount
from conformed.fct_code_usage as usage
cross join lateral (
    select ruling.canonical_code, ruling.is_proposed
    from ruling
    where
        ruling.code_set = usage.code_set
        and ruling.source_system = usage.source_system
        and ruling.native_code = usage.native_code
        and ruling.facility_code in ('*', usage.facility_code)
        and usage.usage_date >= ruling.valid_from
        and usage.usage_date < coalesce(ruling.valid_to, 'infinity'::date)
    order by
        ruling.facility_code = '*' asc, ruling.valid_from desc,
        ruling.is_proposed desc
    limit 1
) as ruled
where
    ruled.is_proposed
    and ruled.canonical_code <> usage.canonical_code
group by
    usage.code_set, usage.source_system, usage.record_kind, usage.canonical_code,
    ruled.canonical_code
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
