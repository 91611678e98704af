"""Suites are complete, well formed, and hashed by what they say."""

import re

import pytest

from ledgerline.quality.check import Severity
from ledgerline.quality.relation import Relation
from ledgerline.quality.sources import QUARANTINE_THRESHOLD
from ledgerline.quality.suite import (
    FLOORS,
    Kind,
    build_suites,
    forbidden_rows,
    suite_hash,
)


def relation(label, key=("id",)):
    schema, name = label.split(".")
    return Relation(
        target_schema=schema,
        name=name,
        candidate_schema=f"candidate_{schema}",
        key=key,
    )


def suites(*labels, numbers=()):
    return build_suites(
        [relation(label) for label in labels], dict.fromkeys(labels, numbers)
    )


def names(suite):
    return [demand.name for demand in suite.expectations]


def test_every_published_relation_has_a_floor_a_key_and_finite_numbers():
    (suite,) = build_suites(
        [relation("marts.new", ("month", "facility_code"))], {"marts.new": ["amount"]}
    )
    assert names(suite) == [
        "row_floor",
        "month_not_null",
        "facility_code_not_null",
        "key_unique",
        "numbers_finite",
    ]
    assert suite.expectations[0].floor == "one"


@pytest.mark.parametrize("rule", forbidden_rows(), ids=lambda r: r.expectation.name)
def test_a_forbidden_query_reads_its_relation_and_reports_what_its_severity_needs(rule):
    query = rule.expectation.query
    assert query.count("from batch") + query.count("join batch") == 1
    assert "{" not in query
    assert "--" not in query
    for needed in rule.needs:
        schema, name = needed.split(".")
        assert f"candidate_{schema}.{name}" in query
    if rule.expectation.severity is not Severity.BLOCK:
        assert "as observed" in query
    if rule.expectation.severity is Severity.HOLD:
        assert "facility_code" in query


def test_a_query_waits_until_every_relation_it_needs_is_published():
    (alone,) = suites("conformed.fct_encounter")
    both = suites("conformed.fct_charge", "conformed.fct_encounter")
    assert "encounters_without_charges" not in names(alone)
    assert "encounters_without_charges" in names(both[1])


def test_every_conformed_fact_that_a_source_counts_has_that_floor():
    assert FLOORS["conformed.fct_payment"] == "payments"
    assert FLOORS["conformed.fct_charge"] == "charges"
    assert FLOORS["conformed.fct_encounter"] == "encounters"


def test_the_hash_changes_with_a_definition_and_not_with_order():
    built = suites("marts.a", "marts.b")
    tests = {"test.x": "error"}
    same = suite_hash(reversed(built), tests)
    assert suite_hash(built, tests) == same
    assert suite_hash(suites("marts.a"), tests) != same
    assert suite_hash(built, {"test.x": "warn"}) != same
    assert suite_hash(suites("marts.a", "marts.b", numbers=("n",)), tests) != same


def test_kinds_are_the_four_that_the_engine_knows():
    assert {str(kind) for kind in Kind} == {
        "row_floor",
        "not_null",
        "unique",
        "no_rows",
    }


@pytest.mark.parametrize("rule", forbidden_rows(), ids=lambda r: r.expectation.name)
def test_what_tolerates_some_says_how_much_since_when_by_whom_and_why(rule):
    tolerates = re.search(r"[>=<*] [1-9]\d*", rule.expectation.query)
    said = r"\S.*; set \d{4}-\d\d-\d\d by [a-z ]+: \S.*"
    assert bool(tolerates) == bool(re.fullmatch(said, rule.expectation.threshold))


def test_the_threshold_of_quarantine_says_the_same():
    assert re.fullmatch(
        r"at most 50 and at most 1 %; set \d{4}-\d\d-\d\d by [a-z ]+: \S.*",
        QUARANTINE_THRESHOLD,
    )
