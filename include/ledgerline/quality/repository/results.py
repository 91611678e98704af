"""Check results and gate decisions: rows that are only ever added."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from psycopg.types.json import Jsonb

from ledgerline.quality.check import (
    CheckId,
    CheckResult,
    Engine,
    Severity,
    Stage,
    Status,
)
from ledgerline.store.engine import Connection

_NEWEST_RESULTS = """
select
    engine, suite, check_name, stage, severity, status,
    observed, expected, scope_facility, failed_count
from ops.newest_check_result
where run_id = %s
order by engine, suite, check_name, scope_facility
"""


def save_results(
    connection: Connection, run_id: str, results: Iterable[CheckResult]
) -> None:
    """Add the results of one evaluation, all or none."""
    evaluation = uuid.uuid4()
    rows = [
        (
            evaluation,
            run_id,
            result.stage,
            result.check.suite,
            result.check.name,
            result.check.engine,
            result.severity,
            result.status,
            result.observed,
            result.expected,
            result.scope_facility,
            result.failed_count,
        )
        for result in results
    ]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.check_result (evaluation_id, run_id, stage, suite, "
            "check_name, engine, severity, status, observed, expected, "
            "scope_facility, failed_count) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def newest_results(connection: Connection, run_id: str) -> list[CheckResult]:
    """Return, check by check, the results of the newest evaluation in the run."""
    return [
        CheckResult(
            check=CheckId(engine=Engine(row[0]), suite=row[1], name=row[2]),
            stage=Stage(row[3]),
            severity=Severity(row[4]),
            status=Status(row[5]),
            observed=row[6],
            expected=row[7],
            scope_facility=row[8],
            failed_count=row[9],
        )
        for row in connection.execute(_NEWEST_RESULTS, [run_id])
    ]


def has_waivers(connection: Connection) -> bool:
    """Tell whether two people may have let a check pass."""
    found = connection.execute(
        "select from ops.request where action = 'waive_check' and state = 'approved' "
        "and clock_timestamp() < ops.request_expires_at(requested_at) limit 1"
    )
    return found.fetchone() is not None


def lock_chain(connection: Connection) -> None:
    """Let nobody else append to the audit chain, before the snapshot is taken."""
    connection.execute("lock table audit.chain_head in exclusive mode")


def open_waivers(
    connection: Connection, data_hash: str, suite_hash: str
) -> dict[str, int]:
    """Return the failed checks, as check[@facility], that a request lets pass."""
    found = connection.execute(
        "select subject, request_id from ops.open_waivers(%s, %s)",
        [data_hash, suite_hash],
    )
    return {str(row[0]): int(row[1]) for row in found}


def insert_decision(connection: Connection, values: dict[str, Any]) -> tuple[Any, ...]:
    """Add a verdict; return its number and time."""
    row = connection.execute(
        "insert into ops.gate_decision (run_id, gate, verdict, data_hash, suite_hash, "
        "evaluated_count, required_count, held_facilities, reasons, code_version, "
        "model_version) "
        "values (%(run_id)s, %(gate)s, %(verdict)s, %(data_hash)s, %(suite_hash)s, "
        "%(evaluated_count)s, %(required_count)s, %(held_facilities)s, %(reasons)s, "
        "%(code_version)s, %(model_version)s) returning decision_id, decided_at",
        {**values, "reasons": Jsonb(values["reasons"])},
    ).fetchone()
    if row is None:
        raise AssertionError("an insert returns its row")
    return row
