"""What is older than it is kept is shown, then removed; what proves anything stays."""

import os
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledgerline.operations.retention.retention import remove, survey
from ledgerline.operations.verify import verify
from tests.integration.operations.certified import post_two
from tests.integration.posting.warehouse import rows

pytestmark = pytest.mark.integration
NOW = datetime(2036, 1, 1, tzinfo=UTC)
"""Ten years on, when everything is old."""
ALERT = """
with alert as (
    insert into ops.alert (
        cause, owner, since, cause_count, what, next_action, started_at, seen_at,
        ended_at
    )
    select 'c' || n, 'o', day, 1, 'w', 'a', day, day, day
    from (values (1, %(old)s::timestamptz), (2, %(new)s::timestamptz)) as a (n, day)
    returning alert_id, started_at
)
insert into ops.alert_message (alert_id, phase, channel, next_at)
select alert_id, 'started', 'hook', started_at from alert
"""
ANSWER = """
insert into ops.call_answer (person, key, fingerprint, begun_at)
values ('ann', 'old', 'f', %(old)s), ('ann', 'new', 'f', %(new)s)
"""
KEPT_FOR_GOOD = {"received bytes", "publications", "postings", "audit chain"}


def aged(path, days):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x" * 10)
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))
    return path


@pytest.fixture
def logs(tmp_path):
    """A folder with an old log, a young one, and a link out of it."""
    folder = tmp_path / "logs"
    aged(folder / "airflow" / "dag_id=x" / "old.log", 91)
    aged(folder / "airflow" / "dag_id=y" / "young.log", 89)
    (folder / "latest").symlink_to(folder / "airflow" / "dag_id=x" / "old.log")
    (folder / "out.log").symlink_to(aged(tmp_path / "elsewhere" / "kept.txt", 900))
    return folder


@pytest.fixture
def old_rows(dsn):
    moments = {"old": NOW - timedelta(days=500), "new": NOW - timedelta(hours=1)}
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(ALERT, moments)
        connection.execute(ANSWER, moments)
    return dsn


def due(found):
    return {each.policy.what: each.count for each in found if each.count}


def files(folder):
    return {path.name for path in folder.rglob("*")}


def test_what_is_old_is_shown_and_nothing_is_removed(old_rows, logs, tmp_path):
    before = files(tmp_path)
    found = survey(old_rows, [logs], NOW)
    assert due(found) == {"logs": 1, "alerts": 1, "call answers": 1}
    assert {each.policy.what for each in found if each.before is None} == KEPT_FOR_GOOD
    assert next(each.size for each in found if each.policy.what == "logs") == 10
    assert files(tmp_path) == before
    assert survey(old_rows, [logs], NOW) == found


def test_what_is_old_is_removed_and_told_of_on_the_audit_chain(old_rows, logs):
    remove(old_rows, [logs], NOW, "ann")
    assert {"young.log", "out.log"} <= files(logs)
    assert not files(logs) & {"old.log", "dag_id=x", "latest"}
    assert (logs.parent / "elsewhere" / "kept.txt").exists()
    assert rows(old_rows, "select cause from ops.alert") == [("c2",)]
    assert rows(old_rows, "select count(*) from ops.alert_message") == [(1,)]
    assert rows(old_rows, "select key from ops.call_answer") == [("new",)]
    noted = rows(
        old_rows,
        "select subject_id, detail ->> 'by', detail ->> 'count' from audit.event "
        "where subject = 'ops.retention' order by 1",
    )
    assert noted == [
        ("alerts", "ann", "1"),
        ("call answers", "ann", "1"),
        ("logs", "ann", "1"),
    ]
    assert due(survey(old_rows, [logs], NOW)) == {}
    assert remove(old_rows, [logs], NOW, "ann") == []


def test_after_ten_years_every_document_is_still_proven(dsn, logs):
    post_two(dsn)
    before = verify(dsn)
    assert [each.sentence for each in before if each.breaks] == []
    counted = (
        "select (select count(*) from raw_billing.file_chunk), "
        "(select count(*) from post.certificate), "
        "(select count(*) from ops.publication)"
    )
    held = rows(dsn, counted)
    remove(dsn, [logs], NOW, "ann")
    assert [each.sentence for each in verify(dsn) if each.breaks] == []
    assert rows(dsn, counted) == held


def test_a_policy_with_an_age_removes_no_received_bytes(dsn, logs):
    """Even one that somebody sets for what is kept for good."""
    post_two(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update ops.retention_policy set keep = interval '1 day'")
    remove(dsn, [logs], NOW, "ann")
    assert rows(dsn, "select count(*) from raw_billing.file_chunk") == [(1,)]
    assert [each.sentence for each in verify(dsn) if each.breaks] == []


def test_a_stricter_age_is_one_update(dsn, logs):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "update ops.retention_policy set keep = interval '88 days' "
            "where what = 'logs'"
        )
    assert due(survey(dsn, [logs], NOW)) == {"logs": 2}
