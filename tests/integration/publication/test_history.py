"""What was published can be listed, compared, shown again."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

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


def test_a_relation_can_be_seen_as_it_was_on_a_day(warehouse, published):
    number = history.publication_at(warehouse.dsn, datetime.now(UTC))
    assert number == published[1]
    rows = history.as_of(warehouse.dsn, "conformed.fct_fee", published[0])
    assert sorted((row["fee_id"], row["amount"]) for row in rows) == [
        ("f1", Decimal(10)),
        ("f2", Decimal(20)),
        ("f3", Decimal(30)),
    ]
    assert len(history.as_of(warehouse.dsn, "marts.margin", published[0], limit=1)) == 1


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
        history.as_of(warehouse.dsn, "conformed.never", published[0])
    with pytest.raises(PublicationUnknown, match="nothing was published"):
        history.publication_at(warehouse.dsn, datetime(2000, 1, 1, tzinfo=UTC))
