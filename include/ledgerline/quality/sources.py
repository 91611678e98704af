"""Check the sources: what landed is complete, balanced and mostly readable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ledgerline.contracts import find
from ledgerline.quality.check import (
    CheckId,
    CheckResult,
    Engine,
    Severity,
    SourceState,
    Stage,
    Status,
)
from ledgerline.quality.repository import landed, results
from ledgerline.store.engine import connect

SOURCES = ("ehr", "billing", "erp")
"""The zones that the warehouse is built from; others are watched and block nothing."""
_NAMED = 3
QUARANTINE_LIMIT = 50
QUARANTINE_PERCENT = 1
QUARANTINE_THRESHOLD = (
    f"at most {QUARANTINE_LIMIT} and at most {QUARANTINE_PERCENT} %; set 2026-11-22 by "
    "data engineering: single bad records are worked one by one, more is an interface "
    "that broke"
)
CONTRACTED_TRANSACTIONS = frozenset({"835", "837", "837I", "837P"})


def check_sources(dsn: str, run_id: str) -> list[CheckResult]:
    """Check and record what landed from every source in this run."""
    with connect(dsn) as connection:
        added = [zone for zone in landed.zones(connection) if zone not in SOURCES]
        states = [
            landed.source_state(connection, source) for source in (*SOURCES, *added)
        ]
        found = judge_sources(states)
        results.save_results(connection, run_id, found)
    return found


def source_checks() -> frozenset[CheckId]:
    """Return the checks that every run must have evaluated."""
    silent = [SourceState(source=source) for source in SOURCES]
    return frozenset(result.check for result in judge_sources(silent))


def judge_sources(states: Iterable[SourceState]) -> list[CheckResult]:
    """Judge every source; a source that was never configured is fine.

    At least one must have landed something: an empty warehouse is not published.
    """
    states = list(states)
    everything = sum(state.landed_count for state in states)
    found = [
        _result(
            ("network", "something_landed"),
            failed=not everything,
            observed=f"{everything} records",
            expected="records from at least one source",
        )
    ]
    for state in states:
        judged = [
            _balance(state),
            _completeness(state),
            _counts(state),
            _columns(state),
            _additions(state),
            _quarantine(state, binding=True),
            _quarantine(state, binding=False),
        ]
        is_read = state.source in SOURCES
        found += judged if is_read else [_watched(each) for each in judged]
    return found


def _watched(result: CheckResult) -> CheckResult:
    return replace(result, severity=Severity.WARN)


def is_binding(source: str, resource_type: str) -> bool:
    """Tell whether the contract of a record type closes the gate when it is broken.

    What cannot be told apart, such as a whole file, counts as binding. X12
    transactions that are neither claims nor remittances are kept as received and
    read by nobody.
    """
    if source == "billing":
        number, _, kind = resource_type.partition(" ")
        return kind != "transaction" or number in CONTRACTED_TRANSACTIONS
    is_named = resource_type[:1].isupper() and resource_type.isalpha()
    if source != "ehr" or not is_named:
        return True
    contract = find(source, resource_type)
    return contract is not None and contract.closes_gate


def _balance(state: SourceState) -> CheckResult:
    return _result(
        (state.source, "landing_balances"),
        failed=state.unbalanced_batches > 0,
        observed=f"{state.unbalanced_batches} batches off",
        expected="received = landed + quarantined + duplicate in every batch",
    )


def _completeness(state: SourceState) -> CheckResult:
    """Block a source that never came through; report one whose newest batch did not."""
    never = bool(state.newest_batch) and not state.complete_batches
    return _result(
        (state.source, "landing_complete"),
        failed=never or state.newest_batch not in {"", "complete"},
        severity=Severity.BLOCK if never else Severity.WARN,
        observed=f"newest batch {state.newest_batch or 'none: not configured'}",
        expected="newest batch complete",
    )


def _counts(state: SourceState) -> CheckResult:
    """Block what holds another number of records than its sender states."""
    miscounted = sum(
        count for kind, count in state.miscounted if is_binding(state.source, kind)
    )
    return _result(
        (state.source, "counts_as_stated"),
        failed=miscounted > 0,
        observed=f"{miscounted} hold another number than stated",
        expected="every file and transaction set holds what its sender states",
    )


def _columns(state: SourceState) -> CheckResult:
    """Block a source as soon as one whole file has other columns than agreed."""
    return _result(
        (state.source, "columns_as_agreed"),
        failed=state.drifted_files > 0,
        observed=f"{state.drifted_files} files with other columns",
        expected="every file has the columns of its contract",
        count=state.drifted_files,
    )


def _additions(state: SourceState) -> CheckResult:
    """Report what landed beyond the contracts."""
    named = ", ".join(state.unknown_properties[:_NAMED])
    more = len(state.unknown_properties) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    return _result(
        (state.source, "contract_additions"),
        failed=bool(state.unknown_properties),
        severity=Severity.WARN,
        observed=f"{named}{rest}" if named else "none",
        expected="no property that its contract does not name",
        count=len(state.unknown_properties),
    )


def _quarantine(state: SourceState, *, binding: bool) -> CheckResult:
    landed_here, refused_here = (
        [(n, kind) for kind, n in part if is_binding(state.source, kind) is binding]
        for part in (state.landed, state.quarantined)
    )
    accepted, refused = (
        sum(n for n, _ in part) for part in (landed_here, refused_here)
    )
    most = sorted(((n, kind) for n, kind in refused_here if n), reverse=True)[:_NAMED]
    named = ", ".join(f"{n} {kind or 'file'}" for n, kind in most)
    everything = accepted + refused
    too_many = refused > QUARANTINE_LIMIT
    too_large_a_share = refused * 100 > everything * QUARANTINE_PERCENT
    return _result(
        (state.source, "contracted_quarantine" if binding else "other_quarantine"),
        failed=too_many or too_large_a_share,
        severity=Severity.BLOCK if binding else Severity.WARN,
        observed=f"{refused} of {everything} records quarantined"
        + (f", most of them: {named}" if named else ""),
        expected=QUARANTINE_THRESHOLD,
        count=refused,
    )


def _result(
    check: tuple[str, str],
    *,
    failed: bool,
    observed: str,
    expected: str,
    severity: Severity = Severity.BLOCK,
    count: int | None = None,
) -> CheckResult:
    suite, name = check
    return CheckResult(
        check=CheckId(engine=Engine.CONTROL, suite=suite, name=name),
        stage=Stage.SOURCES,
        severity=severity,
        status=Status.FAIL if failed else Status.PASS,
        observed=observed,
        expected=expected,
        failed_count=count if failed else None,
    )
