"""Every role may do, to every relation and column, what docs/roles.md says: no more."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
ROLES = "role.rolname like 'ledgerline\\_%'"
OURS = "schema.nspname !~ '^pg_|^information_schema$'"
NAMES = re.compile(r"`(\w+)`")
CREATES = re.compile(r"creates relations:([^.]*)\.")
OF_COLUMNS = {"SELECT", "INSERT", "UPDATE", "REFERENCES"}
OF_RELATIONS = {"DELETE", "TRUNCATE", "TRIGGER"}
COLUMNS = f"""
    select
        role.rolname, schema.nspname, relation.relname, attribute.attname, privilege
    from pg_roles as role
    cross join pg_class as relation
    inner join pg_namespace as schema on relation.relnamespace = schema.oid
    inner join pg_attribute as attribute
        on relation.oid = attribute.attrelid
        and attribute.attnum > 0
        and not attribute.attisdropped
    cross join unnest('{{SELECT,INSERT,UPDATE,REFERENCES}}'::text[]) as privilege
    where
        {ROLES} and {OURS}
        and relation.relkind in ('r', 'v', 'p', 'm', 'f')
        and has_column_privilege(role.oid, relation.oid, attribute.attnum, privilege)
"""
RELATIONS = f"""
    select role.rolname, schema.nspname, relation.relname, privilege
    from pg_roles as role
    cross join pg_class as relation
    inner join pg_namespace as schema on relation.relnamespace = schema.oid
    cross join unnest('{{DELETE,TRUNCATE,TRIGGER}}'::text[]) as privilege
    where
        {ROLES} and {OURS}
        and relation.relkind in ('r', 'v', 'p', 'm', 'f')
        and has_table_privilege(role.oid, relation.oid, privilege)
"""
EXISTING = f"""
    select schema.nspname, relation.relname, array_agg(attribute.attname) as columns
    from pg_class as relation
    inner join pg_namespace as schema on relation.relnamespace = schema.oid
    inner join pg_attribute as attribute
        on relation.oid = attribute.attrelid
        and attribute.attnum > 0
        and not attribute.attisdropped
    where {OURS} and relation.relkind in ('r', 'v', 'p', 'm', 'f')
    group by schema.nspname, relation.relname
"""


def declared():
    """The rows of the page's table: role, schemas, relations, privileges, columns."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    for line in lines:
        role, schemas, relations, may, columns = line.strip("| ").split(" | ")
        yield (
            NAMES.findall(role)[0],
            NAMES.findall(schemas),
            relations,
            OF_COLUMNS | OF_RELATIONS if may == "own" else set(may.upper().split(", ")),
            NAMES.findall(columns),
        )


def relations_meant(text, existing):
    if text.startswith("every"):
        return existing - set(NAMES.findall(text))
    assert set(NAMES.findall(text)) <= existing, text
    return set(NAMES.findall(text))


@pytest.fixture(scope="module")
def existing(built_warehouse):
    found = {}
    for row in built_warehouse.rows(EXISTING):
        found.setdefault(row["nspname"], {})[row["relname"]] = set(row["columns"])
    return found


@pytest.fixture(scope="module")
def allowed(existing):
    """What the page allows: to columns, and to whole relations."""
    of_columns, of_relations = set(), set()
    for role, schemas, relations, privileges, columns in declared():
        for schema in schemas:
            for relation in relations_meant(relations, set(existing[schema])):
                has = existing[schema][relation]
                assert set(columns) <= has, (relation, columns)
                place = (role, schema, relation)
                of_relations |= {(*place, each) for each in privileges & OF_RELATIONS}
                of_columns |= {
                    (*place, column, each)
                    for column in columns or has
                    for each in privileges & OF_COLUMNS
                }
    return of_columns, of_relations


def test_every_privilege_on_a_column_is_the_page_s(built_warehouse, allowed):
    found = {tuple(row.values()) for row in built_warehouse.rows(COLUMNS)}
    assert len(found) > 10_000
    assert sorted(found - allowed[0])[:10] == []
    assert sorted(allowed[0] - found)[:10] == []


def test_every_privilege_on_a_whole_relation_is_the_page_s(built_warehouse, allowed):
    found = {tuple(row.values()) for row in built_warehouse.rows(RELATIONS)}
    assert sorted(found - allowed[1])[:10] == []
    assert sorted(allowed[1] - found)[:10] == []


def test_only_the_builder_creates_and_only_where_the_page_says(built_warehouse):
    found = built_warehouse.rows(f"""
        select role.rolname, schema.nspname
        from pg_roles as role
        cross join pg_namespace as schema
        where
            {ROLES} and {OURS}
            and has_schema_privilege(role.oid, schema.oid, 'create')
    """)
    text = PAGE.read_text()
    [sentence] = CREATES.findall(text)
    named = set(NAMES.findall(sentence))
    assert {row["rolname"] for row in found} == {"ledgerline_build"}
    made = {row["nspname"] for row in found}
    candidates = {name for name in made if name.startswith("candidate_")}
    assert made - candidates == named


def test_no_role_is_more_than_its_grants(built_warehouse):
    found = built_warehouse.rows(f"""
        select role.rolname
        from pg_roles as role
        where
            {ROLES}
            and (
                role.rolsuper or role.rolcreaterole or role.rolcreatedb
                or role.rolbypassrls or role.rolreplication
                or exists (
                    select from pg_auth_members as membership
                    where membership.member = role.oid
                )
            )
    """)
    assert found == []


def test_everyone_is_granted_nothing(built_warehouse):
    """PUBLIC has no right to any of our relations, and none to a definer's function."""
    found = built_warehouse.rows(f"""
        select schema.nspname, relation.relname
        from pg_class as relation
        inner join pg_namespace as schema on relation.relnamespace = schema.oid
        cross join aclexplode(relation.relacl) as granted
        where {OURS} and granted.grantee = 0
    """)
    assert found == []


def test_readers_own_no_relation(built_warehouse):
    owners = built_warehouse.rows(f"""
        select distinct schema.nspname, role.rolname
        from pg_class as relation
        inner join pg_namespace as schema on relation.relnamespace = schema.oid
        inner join pg_roles as role on relation.relowner = role.oid
        where {ROLES} and {OURS}
    """)
    assert {row["rolname"] for row in owners} <= {"ledgerline_build"}
    shown = {"conformed", "marts", "conformed_history", "marts_history", "outbound"}
    assert not shown & {row["nspname"] for row in owners}
