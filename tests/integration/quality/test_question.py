"""What one question about all checks says is what each says by itself."""

import random
from collections import Counter
from unittest.mock import patch

import pytest

from ledgerline.quality import expectations
from ledgerline.quality.check import Status
from ledgerline.quality.relation import Relation
from ledgerline.quality.suite import Expectation, Kind, Suite

pytestmark = pytest.mark.integration
TABLES = 40
FLOORS = {"none": 0, "one": 1, "three": 3}
DEMANDS = (
    *(
        Expectation(name=f"floor_{name}", kind=Kind.ROW_FLOOR, floor=name)
        for name in FLOORS
    ),
    Expectation(name="a_not_null", kind=Kind.NOT_NULL, columns=("a",)),
    Expectation(name="b_not_null", kind=Kind.NOT_NULL, columns=("B's",)),
    Expectation(name="a_unique", kind=Kind.UNIQUE, columns=("a",)),
    Expectation(name="both_unique", kind=Kind.UNIQUE, columns=("a", "B's")),
    Expectation(
        name="no_two",
        kind=Kind.NO_ROWS,
        query="select a from batch where a = 2 and 'a' not like '100 %'",
    ),
    Expectation(
        name="no_pair",
        kind=Kind.NO_ROWS,
        query="select l.a from batch as l\ninner join batch as r on l.a < r.a",
    ),
)


def truth(rows):
    """What Great Expectations says of these rows: a key with a null is no duplicate."""
    keys = [a for a, _ in rows if a is not None]
    both = [row for row in rows if None not in row]
    return {
        **{f"floor_{name}": len(rows) >= least for name, least in FLOORS.items()},
        "a_not_null": all(a is not None for a, _ in rows),
        "b_not_null": all(b is not None for _, b in rows),
        "a_unique": len(keys) == len(set(keys)),
        "both_unique": max(Counter(both).values(), default=0) < 2,
        "no_two": 2 not in keys,
        "no_pair": len(set(keys)) < 2,
    }


def suites_of(network, rng):
    """Tables of a few rows of few values, and what is true of each."""
    suites, expected = [], {}
    for number in range(TABLES):
        name = f"t_{number}"
        relation = Relation(
            target_schema="marts", name=name, candidate_schema="q", key=("a",)
        )
        rows = [
            (rng.choice([None, 1, 2, 3]), rng.choice([None, "x", "y"]))
            for _ in range(rng.randrange(5))
        ]
        network.execute(f'create table q.{name} (a int, "B\'s" text)')
        if rows:
            network.insert(f"q.{name}", rows)
        suite = Suite(relation=relation, expectations=DEMANDS)
        suites.append(suite)
        for demand in DEMANDS:
            holds = truth(rows)[demand.name]
            expected[suite.check_id(demand)] = Status.PASS if holds else Status.FAIL
    return suites, expected


@pytest.fixture(params=[1, 2, 3])
def asked(request, network):
    print(f"seed {request.param}")
    network.execute("drop schema if exists q cascade; create schema q")
    return suites_of(network, random.Random(request.param))


def test_each_check_is_told_as_it_is(network, asked):
    suites, expected = asked
    assert set(expected.values()) == {Status.PASS, Status.FAIL}
    with patch.object(
        expectations, "_run_suite", wraps=expectations._run_suite
    ) as one_by_one:
        assert expectations.evaluate(network.dsn, suites, FLOORS) == expected
    doubted = [
        suite.check_id(demand)
        for call in one_by_one.call_args_list
        for suite in [call.args[2]]
        for demand in suite.expectations
    ]
    assert {c for c, status in expected.items() if status is Status.FAIL} <= set(
        doubted
    )
    assert len(doubted) < len(expected) / 2


def test_a_check_that_breaks_the_question_breaks_no_other(network, asked):
    suites, expected = asked
    broken = Expectation(
        name="broken", kind=Kind.NO_ROWS, query="select 1 / (a - a) from batch"
    )
    network.execute("truncate q.t_0; insert into q.t_0 (a) values (1)")
    first = Suite(relation=suites[0].relation, expectations=(broken,))
    found = expectations.evaluate(network.dsn, [first, *suites[1:]], FLOORS)
    assert found.pop(first.check_id(broken)) is Status.ERROR
    left = {c: status for c, status in expected.items() if c.suite != "marts.t_0"}
    assert found == left
