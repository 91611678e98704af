"""What was published can be listed, compared, shown again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from ledgerline.operations.publications import print_changed_rows, print_difference
from ledgerline.publication import history
from ledgerline.publication.publication import PublicationUnknown
from ledgerline.publication.publish import publish

pytestmark = pytest.mark.integration

FIRST = [("f1", "MVH", 10), ("f2", "MVH", 20), ("f3", "LGH", 30)]
SECOND = [("f1", "MVH", 11), ("f3", "LGH", 30), ("f4", "NRC", 40)]


@pytest.fixture
def published(warehouse):
    numbers = []
    for fees in (FIRST, SECOND):
        warehouse.build(fees)
        made = publish(warehouse.dsn, warehouse.pass_gate(), warehouse.path)
        numbers.append(made.publication_id)
    return numbers


def test_the_list_starts_with_the_newest(warehouse, published):
    listed = history.list_publications(warehouse.dsn)
    assert [p.publication_id for p in listed] == list(reversed(published))
    assert listed[0].published_by


def test_a_difference_counts_what_was_added_removed_and_changed(warehouse, published):
    found = {d.relation: d for d in history.diff(warehouse.dsn, *published)}
    fees = found["conformed.fct_fee"]
    assert (fees.added, fees.removed, fees.changed) == (1, 1, 1)
    assert found["marts.margin"].changed == 1
    back = {d.relation: d for d in history.diff(warehouse.dsn, *reversed(published))}
    assert back["conformed.fct_fee"] == fees


def test_a_publication_does_not_differ_from_itself(warehouse, published):
    assert history.diff(warehouse.dsn, published[0], published[0]) == []


def test_differing_rows_show_what_was_and_what_is(warehouse, published):
    rows = history.diff_rows(warehouse.dsn, "conformed.fct_fee", *published)
    assert [(row.key["fee_id"], row.change) for row in rows] == [
        ("f1", "changed"),
        ("f2", "removed"),
        ("f4", "added"),
    ]
    assert rows[0].before == {"fee_id": "f1", "facility_code": "MVH", "amount": 10.00}
    assert rows[0].after["amount"] == 11
    assert rows[1].after is None
    assert rows[2].before is None


def test_the_rows_that_differ_are_printed_with_their_columns(
    warehouse, published, capsys
):
    before, after = map(str, published)
    print_difference(warehouse.dsn, before, after)
    print_changed_rows(warehouse.dsn, "conformed.fct_fee", before, after, 100)
    lines = capsys.readouterr().out.splitlines()
    printed = [line.replace("│", " ").split() for line in lines]
    assert ["conformed.fct_fee", "1", "1", "1"] in printed
    assert ["f1", "changed", "amount", "10.00", "11.00"] in printed
    assert ["f2", "removed"] in printed
    assert ["f4", "added"] in printed


def test_columns_may_have_any_name(warehouse):
    for amount in (1, 2):
        warehouse.build([("f1", "MVH", amount)])
        warehouse.execute(
            "alter table candidate_conformed.fct_fee add column a int default 1, "
            "add column b int, add column c int, add column p int, "
            'add column "Full Name" text, add column change text'
        )
        last = warehouse.publish()
    (row,) = history.diff_rows(
        warehouse.dsn,
        "conformed.fct_fee",
        last.publication_id - 1,
        last.publication_id,
    )
    assert (row.before["amount"], row.after["amount"]) == (1, 2)
    assert row.after["Full Name"] is None


def test_a_publication_is_named_by_its_number_or_by_when_it_was_seen(
    warehouse, published
):
    now = datetime.now(UTC)
    for named in (str(published[1]), now.isoformat(), str(now.date())):
        assert history.find_number(warehouse.dsn, named) == published[1]
    with pytest.raises(PublicationUnknown, match="nothing was published"):
        history.find_number(warehouse.dsn, str(now.date() - timedelta(days=1)))
    with pytest.raises(PublicationUnknown, match="neither a number"):
        history.find_number(warehouse.dsn, "yesterday")


AS_PUBLISHED = """
select {columns} from {relation} as shown
inner join marts_history.publication on shown.shown_during @> published_at
where publication_id = {number}
"""


def as_published(warehouse, relation, columns, number, role="ledgerline_analyst"):
    query = AS_PUBLISHED.format(columns=columns, relation=relation, number=number)
    with psycopg.connect(warehouse.dsn) as connection:
        connection.execute(f"set role {role}")
        return sorted(connection.execute(query).fetchall())


def test_an_analyst_asks_for_an_earlier_publication_in_one_statement(
    warehouse, published
):
    for number, fees in zip(published, (FIRST, SECOND), strict=True):
        shown = as_published(
            warehouse,
            "conformed_history.fct_fee",
            "fee_id, facility_code, amount",
            number,
        )
        assert shown == [(*fee[:2], Decimal(fee[2])) for fee in sorted(fees)]


def test_what_was_seen_at_a_time_is_what_was_published_last(warehouse, published):
    [(amount,)] = warehouse.execute(
        "select sum(amount) from marts_history.margin where shown_during @> now()"
    )
    assert amount == sum(fee[2] for fee in SECOND)
    [(seen, until)] = warehouse.execute(
        "select p.published_at <@ first.shown_during, upper(first.shown_during) "
        "from marts_history.publication as first, marts_history.publication as p "
        "where first.publication_id = %s and p.publication_id = %s",
        published,
    )
    assert not seen
    assert until is not None


def test_executives_see_no_history(warehouse, published):
    """What changed between two publications may be about one case."""
    for relation, column in [
        ("marts_history.margin", "facility_code"),
        ("conformed_history.fct_fee", "fee_id"),
    ]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_published(
                warehouse, relation, column, published[0], role="ledgerline_executive"
            )
        assert as_published(
            warehouse, relation, column, published[0], role="ledgerline_analyst"
        )


def test_a_revert_equals_the_publication_it_restores(warehouse, published):
    reverted = history.revert(warehouse.dsn, published[0], by="c.ops")
    assert reverted.publication_id > published[1]
    assert reverted.restores_publication_id == published[0]
    assert reverted.published_by == "c.ops"
    assert history.diff(warehouse.dsn, published[0], reverted.publication_id) == []
    assert [(r[0], int(r[2])) for r in warehouse.read("conformed.fct_fee")] == [
        ("f1", 10),
        ("f2", 20),
        ("f3", 30),
    ]
    assert history.diff(warehouse.dsn, *published) != []


def test_a_revert_of_a_revert_brings_the_later_rows_back(warehouse, published):
    history.revert(warehouse.dsn, published[0], by="c.ops")
    again = history.revert(warehouse.dsn, published[1], by="c.ops")
    assert history.diff(warehouse.dsn, published[1], again.publication_id) == []


def test_the_next_build_publishes_over_a_revert(warehouse, published):
    reverted = history.revert(warehouse.dsn, published[0], by="c.ops")
    made = publish(warehouse.dsn, warehouse.pass_gate(), warehouse.path)
    assert made.publication_id > reverted.publication_id
    assert history.diff(warehouse.dsn, published[1], made.publication_id) == []


def test_unknown_publications_and_relations_are_refused_with_advice(
    warehouse, published
):
    with pytest.raises(PublicationUnknown, match="publications list"):
        history.revert(warehouse.dsn, 999_999, by="c.ops")
    with pytest.raises(PublicationUnknown, match="publications list"):
        history.diff(warehouse.dsn, published[0], 999_999)
    with pytest.raises(PublicationUnknown, match=r"conformed\.x"):
        history.diff_rows(warehouse.dsn, "conformed.never", *published)
