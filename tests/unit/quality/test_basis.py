"""What a check reads decides whether its result may be carried over."""

from ledgerline.quality.carried.basis import bases, reads
from ledgerline.quality.relation import Relation, RelationHash
from ledgerline.quality.suite import Expectation, Kind, Suite, forbidden_rows

ALWAYS_ASKED = {
    "charge_lines_differ_from_source",
    "claimed_charges_differ_from_source",
    "claims_far_from_their_lines",
    "encounters_without_charges",
    "landed_payments_differ_from_source",
    "landed_submissions_missing",
    "remittances_do_not_tie_to_payments",
    "remittances_without_claims",
}
"""They read what landed or the customer's tables: no hash of candidates tells of it."""


def suite(label, *demands):
    schema, name = label.split(".")
    relation = Relation(
        target_schema=schema, name=name, candidate_schema=f"candidate_{schema}", key=()
    )
    return Suite(relation=relation, expectations=demands)


def rows(label, total):
    return RelationHash(label=label, columns={"a": "text"}, row_count=1, row_sum=total)


def test_every_query_reads_what_it_says_it_needs_or_is_always_asked():
    asked = set()
    for rule in forbidden_rows():
        read = reads(suite(rule.relation), rule.expectation)
        if read is None:
            asked.add(rule.expectation.name)
        else:
            assert read == rule.needs | {rule.relation}, rule.expectation.name
    assert asked == ALWAYS_ASKED


def test_the_clock_and_other_tables_are_no_basis():
    for query in (
        "select 1 from batch where day > current_date",
        "select 1 from batch where at < now()",
        "select 1 from batch, post.entry",
        'select 1 from batch join "somewhere"."else" on true',
        "select 1 from batch join another.table on true",
        "select 1 from batch where build.utc_day(a) is null",
    ):
        demand = Expectation(name="n", kind=Kind.NO_ROWS, query=query)
        assert reads(suite("marts.a"), demand) is None, query


def test_a_basis_is_of_the_rows_the_definition_and_the_floor():
    floor = Expectation(name="row_floor", kind=Kind.ROW_FLOOR, floor="claims")
    query = "select 1 from batch join candidate_marts.b on true"
    joined = Expectation(name="joined", kind=Kind.NO_ROWS, query=query)
    known = suite("marts.a", floor, joined)
    first = bases([known], [rows("marts.a", 1), rows("marts.b", 1)], {"claims": 1})
    other = bases([known], [rows("marts.a", 1), rows("marts.b", 2)], {"claims": 2})
    assert len(first) == len(other) == 2
    assert not set(first.values()) & set(other.values())
    alone = bases([known], [rows("marts.a", 1)], {"claims": 1})
    assert [check.name for check in alone] == ["row_floor"]
