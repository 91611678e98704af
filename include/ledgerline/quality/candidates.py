"""Check the candidates: suites over every relation that would be published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ledgerline import settings
from ledgerline.quality.carried.basis import bases
from ledgerline.quality.carried.repository import keep_passes, standing_passes
from ledgerline.quality.check import (
    CheckId,
    CheckResult,
    Engine,
    Severity,
    Stage,
    Status,
)
from ledgerline.quality.expectations import evaluate
from ledgerline.quality.relation import (
    Relation,
    RelationHash,
    data_hash,
    published_relations,
    read_manifest,
)
from ledgerline.quality.repository import candidates, landed
from ledgerline.quality.repository.following import find_following
from ledgerline.quality.repository.results import save_results
from ledgerline.quality.suite import Expectation, Kind, Suite, build_suites
from ledgerline.store.engine import Connection, connect

JUDGED_ROWS = CheckId(engine=Engine.CONTROL, suite="candidates", name="judged_rows")
CARRIED = "over the same rows it passed in run "
"""What is observed of a check that was not asked again, before the run that did."""


def check_candidates(
    dsn: str, run_id: str, manifest_path: Path | None = None
) -> list[CheckResult]:
    """Evaluate and record every suite over the candidates of this run.

    The hash of the rows is recorded first: the gate compares it with the rows it
    finds, so rows that change while they are checked are never published. A candidate
    that was not built is recorded as an error, and the gate blocks. In an increment a
    check that passed over the very rows that it reads is not asked again: its result
    names the run that asked.
    """
    path = manifest_path or settings.load().manifest
    relations = published_relations(read_manifest(path))
    with connect(dsn) as connection:
        judged, suites, hashes = _prepare(connection, relations)
        floors = landed.control_totals(connection)
        carried = _carried(connection, suites, hashes, floors)
        left = [suite.where(lambda check: check not in carried) for suite in suites]
        statuses = evaluate(dsn, left, floors)
        results = [judged]
        for suite in suites:
            for demand in suite.expectations:
                check = suite.check_id(demand)
                results += (
                    [_as_before(check, demand, carried[check], floors)]
                    if check in carried
                    else _results(connection, suite, demand, statuses[check], floors)
                )
        with connection.transaction():
            save_results(connection, run_id, results)
            passed = [
                (check, basis)
                for check, basis in bases(suites, hashes, floors).items()
                if statuses.get(check) is Status.PASS
            ]
            keep_passes(connection, run_id, judged.observed, passed)
    return results


def define_suites(
    connection: Connection, relations: Iterable[Relation]
) -> tuple[Suite, ...]:
    """Build the suites for the candidates as they are built now."""
    relations = tuple(relations)
    columns = candidates.candidate_columns(connection, relations)
    return build_suites(
        relations,
        {
            label: [name for name, kind in kinds.items() if _can_be_infinite(kind)]
            for label, kinds in columns.items()
        },
    )


def _prepare(
    connection: Connection, relations: tuple[Relation, ...]
) -> tuple[CheckResult, tuple[Suite, ...], list[RelationHash]]:
    judged = CheckResult(
        check=JUDGED_ROWS,
        stage=Stage.CANDIDATES,
        severity=Severity.BLOCK,
        status=Status.PASS if relations else Status.FAIL,
        expected="the rows that the gate decides on",
    )
    try:
        with connection.transaction():
            found = candidates.hash_relations(connection, relations)
            suites = define_suites(connection, relations)
    except candidates.CandidateMissing as error:
        return replace(judged, status=Status.ERROR, observed=error.message), (), []
    return replace(judged, observed=data_hash(found)), suites, found


def _carried(
    connection: Connection,
    suites: tuple[Suite, ...],
    hashes: list[RelationHash],
    floors: Mapping[str, int],
) -> dict[CheckId, str]:
    """Return the checks that need not be asked, with the run that asked each.

    After a full build no candidate is followed, and every check is asked.
    """
    followed = find_following(connection, {each.label: each.columns for each in hashes})
    kept = [each for each in hashes if each.label in followed]
    return standing_passes(connection, bases(suites, kept, floors))


def _as_before(
    check: CheckId, demand: Expectation, run_id: str, floors: Mapping[str, int]
) -> CheckResult:
    return CheckResult(
        check=check,
        stage=Stage.CANDIDATES,
        severity=demand.severity,
        status=Status.PASS,
        expected=_expected(demand, floors),
        observed=f"{CARRIED}{run_id}",
    )


def _can_be_infinite(kind: str) -> bool:
    return kind.startswith(("numeric", "double", "real"))


def _results(
    connection: Connection,
    suite: Suite,
    demand: Expectation,
    status: Status,
    floors: Mapping[str, int],
) -> list[CheckResult]:
    result = CheckResult(
        check=suite.check_id(demand),
        stage=Stage.CANDIDATES,
        severity=demand.severity,
        status=status,
        expected=_expected(demand, floors),
        observed="it could not be evaluated" if status is Status.ERROR else "",
    )
    if status is not Status.FAIL:
        return [result]
    return [
        replace(
            result,
            observed=finding.observed,
            scope_facility=finding.facility_code,
            failed_count=finding.failed_count,
        )
        for finding in candidates.findings(connection, suite.relation, demand)
    ] or [result]


def _expected(demand: Expectation, floors: Mapping[str, int]) -> str:
    if demand.kind is Kind.ROW_FLOOR:
        return f"at least {floors[demand.floor]} rows"
    if demand.threshold:
        return demand.threshold
    return {
        Kind.NOT_NULL: "no nulls",
        Kind.UNIQUE: "no duplicates",
        Kind.NO_ROWS: "no rows",
    }[demand.kind]
