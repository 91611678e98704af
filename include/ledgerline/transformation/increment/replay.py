"""Run a plan: what an increment of dbt would do, over one connection.

The statements are those of dbt_project/macros/materializations. All of a stage is one
transaction: what goes wrong leaves nothing, and dbt does the stage.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from ledgerline.store.engine import Connection, connect
from ledgerline.store.statements import named
from ledgerline.transformation.increment.plan import Plan
from ledgerline.transformation.increment.standing import Outcome, Standing
from ledgerline.transformation.increment.step import ADDED_TO, KEPT, TEST, Step

log = logging.getLogger(__name__)
Results = list[dict[str, object]]
_DAYS = ("service_month", "posting_date", "usage_date")


def replay(dsn: str, plan: Plan) -> Results:
    """Make the models and ask the tests; return dbt's results of each.

    Returns none where a test failed, or raises what PostgreSQL says: nothing was made.
    Dbt is then to tell what is wrong, and to leave out what depends on it.
    """
    with connect(dsn) as connection, connection.transaction() as stage:
        standing = _standing(connection)
        tables = _columns(connection, plan)
        for step in plan:
            if step.materialized != TEST:
                # Of a table that somebody dropped PostgreSQL tells, and dbt makes it.
                columns = tables.get(f"{step.schema}.{step.name}", [])
                _Model(connection, step, columns).build(standing)
        _keep(connection, standing)
        results = [
            _ask(connection, step, standing)
            if step.materialized == TEST
            else {"unique_id": step.node, "status": "success", "failures": None}
            for step in plan
        ]
        failed = [each["unique_id"] for each in results if each["status"] == "fail"]
        if not failed:
            return results
        log.warning("%s failed", ", ".join(map(str, failed)))
        raise psycopg.Rollback(stage)
    return []


class _Model:
    """One table, and the statements that an increment runs on it."""

    def __init__(self, connection: Connection, step: Step, columns: list[str]) -> None:
        self.connection, self.step = connection, step
        known = step.columns
        self.parts: dict[str, sql.Composable] = {
            "table": sql.Identifier(step.schema, step.name),
            "made": sql.Identifier("build", step.name),
            "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
            "sql": _told(step.sql),
            "replaces": _told(step.replaces or "true"),
            "touches": _told(step.touches or "true"),
            "name": sql.Literal(step.name),
            "facility": _column(("facility_code",), known, "null"),
            "day": _day(known),
            "encounter": _column(("encounter_id",), known, "null"),
            "claim": _column(("claim_id",), known, "null"),
        }

    def build(self, standing: Standing) -> None:
        """Leave the table, or make what it is made of again."""
        step = self.step
        is_left = standing.is_unchanged(step.inputs, step.sql)
        if step.materialized == KEPT:
            is_tied = standing.reads_parts(step.inputs, step.sql + step.replaces)
            is_left = is_left and (standing.is_scope_empty or not is_tied)
            if is_left:
                self.run("leave")
        elif step.materialized == ADDED_TO:
            standing.note(step.node, is_part=False, is_changed=not is_left)
            if not is_left:
                self.run("add")
                self.run("analyze")
            return
        elif standing.is_part(step.inputs, step.sql):
            standing.note(step.node, is_part=True, is_changed=not is_left)
            self.run("make_anew")
            self.run("analyze")
            return
        is_changed = not is_left and self.replace()
        standing.note(step.node, is_part=False, is_changed=is_changed)

    def replace(self) -> bool:
        """Let rows that differ take the place of those there; tell if any does."""
        self.run("make")
        self.run("compare")
        [(is_different,)] = self.run("is_different").fetchall()
        if is_different:
            self.run("replace")
        self.run("forget_differing")
        if self.step.materialized != KEPT:
            self.run("forget_made")
        return bool(is_different)

    def run(self, query: str) -> psycopg.Cursor[TupleRow]:
        """Run one of the queries over this table."""
        return _run(self.connection, query, self.step.node, **self.parts)


def _column(
    wanted: tuple[str, ...], known: tuple[str, ...], otherwise: LiteralString
) -> sql.Composable:
    found = [name for name in wanted if name in known]
    return sql.Identifier(found[0]) if found else sql.SQL(otherwise)


def _day(known: tuple[str, ...]) -> sql.Composable:
    if not set(_DAYS) & set(known):
        return sql.SQL("null::date")
    day = _column(_DAYS, known, "null")
    return sql.SQL("coalesce({}, '-infinity')").format(day)


def _ask(connection: Connection, step: Step, standing: Standing) -> dict[str, object]:
    """Ask a test, unless what it reads did not change: it passed when that was made."""
    failures = 0
    if step.is_warning or not standing.is_unchanged(step.inputs, step.sql):
        found = _run(connection, "ask", step.node, sql=_told(step.sql))
        [(failures,)] = found.fetchall()
    status = "pass"
    if failures:
        status = "warn" if step.is_warning else "fail"
    return {"unique_id": step.node, "status": status, "failures": failures}


def _standing(connection: Connection) -> Standing:
    [(is_empty,)] = _run(connection, "is_scope_empty").fetchall()
    return Standing(
        outcomes={
            node: Outcome(is_part=is_part, is_changed=is_changed)
            for node, is_part, is_changed in _run(connection, "outcomes")
        },
        news=frozenset(name for (name,) in _run(connection, "news")),
        is_scope_empty=bool(is_empty),
    )


def _columns(connection: Connection, plan: Plan) -> Mapping[str, list[str]]:
    schemas = sorted({step.schema for step in plan if step.schema})
    found = connection.execute(
        _text("table_columns"),
        {"schemas": schemas},
    )
    return dict(found.fetchall())


def _keep(connection: Connection, standing: Standing) -> None:
    found = standing.outcomes
    connection.execute(
        _text("keep_outcomes"),
        {
            "nodes": list(found),
            "parts": [outcome.is_part for outcome in found.values()],
            "changes": [outcome.is_changed for outcome in found.values()],
        },
    )


def _told(text: str) -> sql.SQL:
    """SQL that dbt compiled of the project's own models."""
    return sql.SQL(text)


def _text(query: str) -> sql.SQL:
    return sql.SQL(named(__package__, "queries.sql")[query])


def _run(
    connection: Connection, query: str, node: str = "", **parts: sql.Composable
) -> psycopg.Cursor[TupleRow]:
    """Run a query; pg_stat_activity names the node that it is for, as dbt would."""
    named_for = _told(f'/* {{"node_id": "{node}"}} */\n' if node else "")
    return connection.execute(named_for + _text(query).format(**parts))
