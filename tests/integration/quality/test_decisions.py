"""What the database takes as a decision, and as the publication of one."""

import psycopg
import pytest

pytestmark = pytest.mark.integration

DECIDED = {
    "run_id": "run",
    "gate": "publication",
    "verdict": "PASS",
    "data_hash": "data",
    "suite_hash": "suite",
    "evaluated_count": 10,
    "required_count": 10,
    "held_facilities": [],
    "code_version": "test",
}
PUBLISHED = ("verdict", "data_hash", "suite_hash", "held_facilities", "code_version")


def add(connection, table, key, values):
    marks = ", ".join(f"%({column})s" for column in values)
    return connection.execute(
        f"insert into ops.{table} ({', '.join(values)}) values ({marks}) "
        f"returning {key}",
        values,
    ).fetchone()[0]


def decide(connection, **changed):
    return add(connection, "gate_decision", "decision_id", {**DECIDED, **changed})


def publish(connection, decision, **changed):
    published = {column: DECIDED[column] for column in PUBLISHED}
    values = {"decision_id": decision, **published, **changed}
    return add(connection, "publication", "publication_id", values)


HELD = {"verdict": "HOLD", "held_facilities": ["LGH"]}


def test_a_decision_is_published_word_for_word(connection):
    assert publish(connection, decide(connection))
    assert publish(connection, decide(connection, **HELD), **HELD)


@pytest.mark.parametrize(
    "changed",
    [
        {"data_hash": "other"},
        {"suite_hash": "other"},
        {"verdict": "HOLD"},
        {"held_facilities": ["LGH"]},
        HELD,
    ],
)
def test_a_publication_that_differs_from_its_decision_is_refused(connection, changed):
    decision = decide(connection)
    with pytest.raises(psycopg.errors.CheckViolation, match="differs from decision"):
        publish(connection, decision, **changed)


def test_a_decision_that_blocks_is_not_published(connection):
    decision = decide(connection, verdict="BLOCK")
    with pytest.raises(psycopg.errors.CheckViolation, match="differs from decision"):
        publish(connection, decision)


def test_a_publication_without_a_decision_is_refused(connection):
    decide(connection)
    with pytest.raises(psycopg.errors.CheckViolation, match="differs from decision"):
        publish(connection, 10_000)


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "MAYBE"},
        {"evaluated_count": 9},
        {"evaluated_count": 0, "required_count": 0},
        {"evaluated_count": -1, "verdict": "BLOCK"},
        {"required_count": -1, "verdict": "BLOCK"},
        {"verdict": "HOLD"},
        {"held_facilities": ["LGH"]},
    ],
)
def test_a_decision_that_contradicts_itself_is_refused(connection, changed):
    with pytest.raises(psycopg.errors.CheckViolation, match="gate_decision"):
        decide(connection, **changed)


def test_a_block_may_say_that_too_little_was_evaluated(connection):
    blocked = {"verdict": "BLOCK", "evaluated_count": 0, "required_count": 0}
    assert decide(connection, **blocked)
    assert decide(connection, **{**blocked, "required_count": 9})
