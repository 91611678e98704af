"""The gate: one verdict over exactly the rows that were checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import IsolationLevel

import ledgerline
from ledgerline import settings
from ledgerline.quality.candidates import JUDGED_ROWS, define_suites
from ledgerline.quality.check import CheckId, CheckResult, Severity, Status
from ledgerline.quality.dbt_results import SKIPPED, dbt_check
from ledgerline.quality.relation import (
    Relation,
    data_hash,
    data_tests,
    model_version,
    published_relations,
    read_manifest,
)
from ledgerline.quality.repository import candidates
from ledgerline.quality.repository import results as results_of
from ledgerline.quality.repository.candidates import CandidateMissing
from ledgerline.quality.sources import source_checks
from ledgerline.quality.suite import Suite, suite_hash
from ledgerline.store.engine import Connection, connect

PUBLICATION_GATE = "publication"
NO_DATA = "no data"
_MISSING_NAMED = 10

Reason = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict before it is written: PASS, HOLD or BLOCK, and why."""

    verdict: str
    held_facilities: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One row of ops.gate_decision."""

    decision_id: int
    run_id: str
    gate: str
    verdict: str
    data_hash: str
    suite_hash: str
    evaluated_count: int
    required_count: int
    held_facilities: tuple[str, ...]
    reasons: tuple[Reason, ...]
    decided_at: datetime
    code_version: str
    model_version: str


def decide(dsn: str, run_id: str, manifest_path: Path | None = None) -> Decision:
    """Decide whether the candidates of this run may be published, and record it.

    BLOCK when a blocking check failed, erred or was not evaluated, or when other rows
    stand there than were checked; HOLD when only checks about single facilities
    failed; else PASS.
    """
    manifest = read_manifest(manifest_path or settings.load().manifest)
    relations = published_relations(manifest)
    tests = data_tests(manifest)
    with connect(dsn) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        is_waived = results_of.has_waivers(connection)
        with connection.transaction():
            if is_waived:
                results_of.lock_chain(connection)
            found, suites = _look(connection, relations)
            required = required_checks(suites, tests)
            results = results_of.newest_results(connection, run_id)
            judged_by = suite_hash(suites, tests)
            waived = results_of.open_waivers(connection, found, judged_by)
            judgement = judge(results, required, found, waived)
            values: dict[str, Any] = {
                "run_id": run_id,
                "gate": PUBLICATION_GATE,
                "verdict": judgement.verdict,
                "data_hash": found,
                "suite_hash": judged_by,
                "evaluated_count": len(required & {r.check for r in results}),
                "required_count": len(required),
                "held_facilities": list(judgement.held_facilities),
                "reasons": list(judgement.reasons),
                "code_version": code_version(),
                "model_version": model_version(manifest),
            }
            decision_id, decided_at = results_of.insert_decision(connection, values)
    values["held_facilities"] = judgement.held_facilities
    values["reasons"] = judgement.reasons
    return Decision(decision_id=decision_id, decided_at=decided_at, **values)


def required_checks(
    suites: Iterable[Suite], tests: Iterable[str]
) -> frozenset[CheckId]:
    """Return every check that a run must have evaluated.

    Nothing at all when the suites define nothing: the gate then blocks.
    """
    defined = {
        suite.check_id(demand) for suite in suites for demand in suite.expectations
    }
    if not defined:
        return frozenset()
    return frozenset(defined | set(map(dbt_check, tests)) | source_checks()) | {
        JUDGED_ROWS
    }


def judge(
    results: Iterable[CheckResult],
    required: frozenset[CheckId],
    found_hash: str,
    waived: Mapping[str, int] | None = None,
) -> Judgement:
    """Judge results against what was required and the rows that stand there now.

    `waived` are the failed checks that two people let pass, with their requests: they
    only warn. What could not be evaluated blocks all the same.
    """
    waived = waived or {}
    results = [_waive(result, waived) for result in results]
    missing = required - {result.check for result in results}
    reasons = [
        *(
            _reason(result, waived)
            for result in results
            if not (result.passed or _skipped(result))
        ),
        *_missing(len(list(filter(_skipped, results))), sorted(missing)),
        *_unproven(results, required, found_hash),
    ]
    held = {
        result.scope_facility
        for result in results
        if result.scope_facility and _is_failed(result, Severity.HOLD)
    }
    is_blocked = any(reason["effect"] == Severity.BLOCK for reason in reasons)
    return Judgement(
        verdict="BLOCK" if is_blocked else "HOLD" if held else "PASS",
        held_facilities=tuple(sorted(held)),
        reasons=tuple(sorted(reasons, key=_urgency)),
    )


@cache
def code_version() -> str:
    """Return the product's version and a hash of its own source files."""
    folder = Path(ledgerline.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".sql"}):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return f"{ledgerline.__version__}+{digest.hexdigest()[:12]}"


def _look(
    connection: Connection, relations: tuple[Relation, ...]
) -> tuple[str, tuple[Suite, ...]]:
    try:
        hashes = candidates.hash_relations(connection, relations)
        return data_hash(hashes), define_suites(connection, relations)
    except CandidateMissing:
        return NO_DATA, ()


def _is_failed(result: CheckResult, severity: Severity) -> bool:
    return result.status is Status.FAIL and result.severity is severity


def _blocks(result: CheckResult) -> bool:
    """An error blocks whatever its severity: nobody knows what it would have found."""
    if result.passed or _is_failed(result, Severity.WARN):
        return False
    return not (_is_failed(result, Severity.HOLD) and result.scope_facility)


def _skipped(result: CheckResult) -> bool:
    return result.observed == SKIPPED and result.status is Status.ERROR


def _urgency(reason: Reason) -> int:
    return [Severity.BLOCK, Severity.HOLD, Severity.WARN].index(reason["effect"])


def _missing(skipped: int, missing: list[CheckId]) -> Iterable[Reason]:
    """Name what was not evaluated; only count what dbt skipped after an error."""
    if skipped:
        yield _block("dbt", f"{skipped} models and tests skipped after an error")
    for check in missing[:_MISSING_NAMED]:
        yield _block(str(check), "not evaluated")
    if len(missing) > _MISSING_NAMED:
        yield _block("others", f"{len(missing) - _MISSING_NAMED} more not evaluated")


def _unproven(
    results: list[CheckResult], required: frozenset[CheckId], found_hash: str
) -> Iterable[Reason]:
    judged = [result for result in results if result.check == JUDGED_ROWS]
    if found_hash == NO_DATA:
        yield _block("candidates", "a published relation was not built")
    elif not required:
        yield _block("suites", "no check is defined")
    elif [result.observed for result in judged] != [found_hash]:
        yield _block(str(JUDGED_ROWS), "other rows stand there than were checked")


def _block(check: str, observed: str) -> Reason:
    return {
        "check": check,
        "effect": str(Severity.BLOCK),
        "status": str(Status.ERROR),
        "facility": None,
        "observed": observed,
        "expected": "",
    }


def _waive(result: CheckResult, waived: Mapping[str, int]) -> CheckResult:
    if result.status is Status.FAIL and result.subject in waived:
        return replace(result, severity=Severity.WARN)
    return result


def _reason(result: CheckResult, waived: Mapping[str, int]) -> Reason:
    request = waived.get(result.subject) if result.status is Status.FAIL else None
    return {
        **({"waiver": request} if request else {}),
        "check": str(result.check),
        "effect": str(Severity.BLOCK if _blocks(result) else result.severity),
        "status": str(result.status),
        "facility": result.scope_facility,
        "observed": result.observed,
        "expected": result.expected,
    }
