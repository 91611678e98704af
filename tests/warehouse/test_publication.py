"""Every published relation of the project: reverted, described, kept in history."""

import pytest

from tests.warehouse.publishing import SNAPSHOTS

pytestmark = pytest.mark.integration


def test_a_revert_shows_row_for_row_what_was_shown_before(published_warehouse):
    wanted = {each.label for each in published_warehouse.relations}
    assert published_warehouse.changed >= wanted - empty(published_warehouse)
    for relation in published_warehouse.relations:
        first, second = (f"{schema}.{relation.table}" for schema in SNAPSHOTS)
        assert published_warehouse.lacks(relation.label, first) == 0, relation.label
        if relation.label in published_warehouse.changed:
            assert published_warehouse.lacks(relation.label, second) > 0


def empty(published_warehouse):
    """What the sandbox says nothing about; at most a few relations."""
    found = {
        each.label
        for each in published_warehouse.relations
        if published_warehouse.first.row_counts[each.label].shown == 0
    }
    assert len(found) <= 3, found
    return found


def test_an_increment_publishes_row_for_row_what_its_candidates_hold(
    published_warehouse,
):
    """The second publication read what was noted of the candidates, not all of them."""
    for relation in published_warehouse.relations:
        candidate = f"{relation.candidate_schema}.{relation.name}"
        second = f"{SNAPSHOTS[1]}.{relation.table}"
        assert published_warehouse.lacks(candidate, second) == 0, relation.label
        count = published_warehouse.second.row_counts[relation.label]
        assert count.added <= 3, relation.label
        assert count.closed <= 5, relation.label


@pytest.mark.parametrize("position", [0, 1])
def test_history_shows_every_publication_row_for_row(published_warehouse, position):
    number = (
        published_warehouse.first.publication_id,
        published_warehouse.second.publication_id,
    )[position]
    for relation in published_warehouse.relations:
        if relation.target_schema == "outbound":
            continue
        columns = ", ".join(relation.columns)
        then = (
            f"(select {columns} from {relation.target_schema}_history.{relation.name} "
            "as shown inner join marts_history.publication as publication "
            "on shown.shown_during @> publication.published_at "
            f"where publication.publication_id = {number})"
        )
        kept = f"(select {columns} from {SNAPSHOTS[position]}.{relation.table})"
        [lost] = published_warehouse.rows(
            f"select count(*) from (({then} except all {kept}) union all "
            f"({kept} except all {then})) as differing"
        )
        assert lost["count"] == 0, relation.label


def test_every_description_stands_beside_its_view_and_column(published_warehouse):
    [*comments] = published_warehouse.rows("""
        select
            n.nspname || '.' || c.relname as relation,
            coalesce(a.attname, '') as column_name,
            case
                when a.attname is null then obj_description(c.oid, 'pg_class')
                else col_description(c.oid, a.attnum)
            end as description
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        left join lateral (
            select attname, attnum from pg_attribute
            where attrelid = c.oid and attnum > 0
            union all
            select null, 0
        ) as a on true
        where
            c.relkind = 'v'
            and n.nspname in (
                'conformed', 'marts', 'outbound', 'conformed_history', 'marts_history'
            )
    """)
    told = {
        (row["relation"], row["column_name"]): row["description"] for row in comments
    }
    assert [place for place, text in told.items() if not text] == []
    for relation, description, columns in published_warehouse.described():
        schema, name = relation.split(".")
        views = [relation, f"{schema}_history.{name}"]
        for view in views[: 1 if schema == "outbound" else 2]:
            assert told[view, ""] == description
            for column, text in columns.items():
                assert told[view, column] == text
