"""The queries behind the workflow-health page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledgerline.store.engine import Connection, connect

_STEPS = """
select
    step.step,
    min(rule.question) as question,
    step.owner,
    count(*) filter (where step.happened_at is not null) as done,
    count(*) filter (
        where step.happened_at is null and step.due_at >= clock_timestamp()
    ) as in_time,
    count(*) filter (
        where step.happened_at is null and step.due_at < clock_timestamp()
    ) as overdue,
    min(step.due_at) filter (
        where step.happened_at is null and step.due_at < clock_timestamp()
    ) as since
from ops.expected_step as step
inner join ops.step_rule as rule on step.step = rule.step
where step.withdrawn_at is null
group by step.step, step.owner
order by step.step, step.owner
"""
_DECISIONS = """
select
    decision.decision_id,
    decision.decided_at,
    decision.verdict,
    decision.evaluated_count,
    decision.required_count,
    decision.held_facilities,
    (
        select max(publication.publication_id)
        from ops.publication as publication
        where publication.decision_id = decision.decision_id
    ) as publication_id
from ops.gate_decision as decision
order by decision.decision_id desc
limit 5
"""
_PUBLISHED = """
select publication_id, published_at, data_as_of, gate_badge, gate_note
from marts.publication_status
"""
_NOTE = """
select audit.append('ops.exception', %(subject)s, %(action)s, %(detail)s)
"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What events expect of one step: how often done, in time, overdue since when."""

    step: str
    question: str
    owner: str
    done: int
    in_time: int
    overdue: int
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One verdict of the gate, and the publication that followed, if any."""

    decision_id: int
    decided_at: datetime
    verdict: str
    evaluated_count: int
    required_count: int
    held_facilities: list[str]
    publication_id: int | None


@dataclass(frozen=True, kw_only=True)
class Published:
    """What readers see, how old it is, and what the gate said since."""

    publication_id: int
    published_at: datetime
    data_as_of: datetime | None
    gate_badge: str
    gate_note: str


def steps(connection: Connection) -> list[Step]:
    """Return what events expect, step by step."""
    with connection.cursor(row_factory=class_row(Step)) as cursor:
        return cursor.execute(_STEPS).fetchall()


def decisions(connection: Connection) -> list[Decision]:
    """Return the newest decisions of the gate, newest first."""
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        return cursor.execute(_DECISIONS).fetchall()


def published(connection: Connection) -> Published | None:
    """Return what readers see; None before the first publication."""
    with connection.cursor(row_factory=class_row(Published)) as cursor:
        return cursor.execute(_PUBLISHED).fetchone()


def note(dsn: str, *, subject: str, action: str, by: str, outcome: str) -> None:
    """Put what a person did on the page, or was refused, on the audit chain."""
    detail = Jsonb({"by": by, "outcome": outcome})
    with connect(dsn) as connection:
        connection.execute(
            _NOTE, {"subject": subject, "action": action, "detail": detail}
        )
