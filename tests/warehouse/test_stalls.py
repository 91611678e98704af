"""What stands still is listed, whose it is, as soon as it is due; what moves is not."""

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.warehouse.publishing import copied

pytestmark = pytest.mark.integration

STALLS = 200
OPEN = "happened_at is null and withdrawn_at is null"
ALL = f"select instance_id, step from ops.expected_step where {OPEN}"
LISTED = (
    "select instance_id, work as step, owner, next_action, age "
    "from ops.stuck_work where instance_id is not null"
)
BILLED = """
delete from published.conformed__fct_claim
where encounter_id in (
    select subject.subject_id
    from ops.expected_step as step
    inner join ops.workflow_subject as subject using (instance_id)
    where step.step = 'billing_review' and subject.subject = 'encounter'
        and step.happened_at is not null
    order by subject.subject_id limit %s
)
returning encounter_id as subject_id
"""
ISSUED = """
with chosen as (
    select distinct used.encounter_id
    from conformed.fct_supply_usage as used
    order by used.encounter_id limit %s
),
taken as (
    delete from post.stock_fact where supply_usage_id in (
        select supply_usage_id from conformed.fct_supply_usage
        where encounter_id in (select encounter_id from chosen)
    )
)
select encounter_id as subject_id from chosen
"""
OF = """
select step.instance_id, step.step
from ops.expected_step as step
inner join ops.workflow_subject as subject using (instance_id)
where subject.subject = 'encounter' and subject.subject_id = any(%s)
    and step.step = any(%s)
"""


def keys(rows):
    return {(row["instance_id"], row["step"]) for row in rows}


@pytest.fixture(scope="module")
def stalled(built_warehouse):
    """A copy in which everything is open again, and some of it can never happen."""
    with (
        copied(built_warehouse.dsn, "stalled") as dsn,
        psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection,
    ):
        connection.execute("set session_replication_role = replica")
        before = keys(connection.execute(ALL).fetchall())
        injected = set()
        for removal, count, steps in (
            (BILLED, 100, ["billing_review"]),
            (ISSUED, 50, ["consumption_posting", "stock_issue"]),
        ):
            removed = connection.execute(removal, [count]).fetchall()
            ids = list({row["subject_id"] for row in removed})
            injected |= keys(connection.execute(OF, [ids, steps]).fetchall())
        connection.execute(
            "update ops.expected_step set happened_at = null, evidence = '', "
            "due_at = clock_timestamp() + interval '1 hour'"
        )
        connection.execute("select ops.observe_steps()")
        yield connection, injected, before


def test_nothing_is_listed_before_it_is_due(stalled):
    connection, _, _ = stalled
    assert connection.execute(LISTED).fetchall() == []


def test_every_stall_is_listed_within_a_minute_with_its_owner(stalled):
    connection, injected, before = stalled
    assert len(injected) == STALLS
    connection.execute(
        f"update ops.expected_step set due_at = clock_timestamp() where {OPEN}"
    )
    rows = connection.execute(LISTED).fetchall()
    listed = keys(rows)
    assert injected <= listed
    assert all(row["owner"] and row["next_action"] for row in rows)
    assert all(row["age"].total_seconds() < 60 for row in rows)
    [(watched,)] = [
        tuple(row.values())
        for row in connection.execute(
            "select count(*) from ops.expected_step where withdrawn_at is null"
        )
    ]
    false_alarms = listed - injected - before
    print(
        f"{len(injected)} stalls of {watched} steps, {len(false_alarms)} false alarms"
    )
    assert len(false_alarms) <= watched / 100
