"""Evaluate suites with Great Expectations.

It costs 10 ms of CPU an expectation, so it is asked one question about all of them
first: which may not hold? Only these it is asked one by one, and answers yes or no
(BOOLEAN_ONLY): no value of a row enters its results.

Importing it costs seconds of CPU, so that happens inside the functions.
"""

from __future__ import annotations

import logging
import os
import re
import uuid
import warnings
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from psycopg.conninfo import conninfo_to_dict

from ledgerline.quality.check import CheckId, Status
from ledgerline.quality.repository.question import question
from ledgerline.quality.suite import Expectation, Kind, Suite

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_LOGGERS = ("great_expectations", "great_expectations.data_context.types.base")
_HAS_JOIN = re.compile(r"\bjoin\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What Great Expectations says about one expectation."""

    check: CheckId
    status: Status


def evaluate(
    dsn: str, suites: Iterable[Suite], floors: Mapping[str, int]
) -> dict[CheckId, Status]:
    """Evaluate every expectation; one that raises or gives no answer is an error."""
    suites = [suite for suite in suites if suite.expectations]
    found = {
        suite.check_id(expectation): Status.ERROR
        for suite in suites
        for expectation in suite.expectations
    }
    if suites:
        with _quiet():
            for outcome in _run(dsn, suites, floors):
                found[outcome.check] = outcome.status
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    _only_warnings()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _only_warnings() -> None:
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _run(dsn: str, suites: list[Suite], floors: Mapping[str, int]) -> Iterable[Outcome]:
    import great_expectations as gx

    _only_warnings()  # the import sets a level of its own
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    try:
        source = _source(context, dsn, suites)
    except Exception as error:
        if len(suites) == 1:
            _tell(suites[0], error)
            return
        # A table that is not there keeps the others from being asked together.
        for suite in suites:
            yield from _run(dsn, [suite], floors)
        return
    try:
        suspects = _suspects(gx, source, suites, floors)
        for suite in suites:
            checks = map(suite.check_id, suite.expectations)
            yield from (
                Outcome(check=check, status=Status.PASS)
                for check in checks
                if check not in suspects
            )
        in_doubt = [suite.where(suspects.__contains__) for suite in suites]
        for suite in filter(lambda each: each.expectations, in_doubt):
            try:
                yield from _run_suite(gx, source, suite, floors)
            except Exception as error:
                _tell(suite, error)
    finally:
        source.get_execution_engine().close()


def _suspects(
    gx: Any,  # noqa: ANN401
    source: Any,  # noqa: ANN401
    suites: list[Suite],
    floors: Mapping[str, int],
) -> set[CheckId]:
    """Return the checks that may not hold: all, where one breaks the question."""
    checks = {
        str(check): check
        for suite in suites
        for check in map(suite.check_id, suite.expectations)
    }
    asked = _names_no_check(gx)(unexpected_rows_query=question(suites, floors))
    asset = source.get_asset(suites[0].relation.label)
    batch = asset.get_batch(asset.build_batch_request())
    result = batch.validate(asked, result_format="COMPLETE")
    if _status(result) is Status.ERROR:
        return set(checks.values())
    rows = result.result["details"]["unexpected_rows"]
    return {checks[name] for row in rows for name in row["names"]}


@cache
def _names_no_check(gx: Any) -> type[Any]:  # noqa: ANN401
    """Return the expectation that a question about checks names none of them.

    It runs the query once, where the one that it extends runs it again to count.
    """

    class NamesNoCheck(gx.expectations.UnexpectedRowsExpectation):  # type: ignore[misc]
        metric_dependencies: ClassVar[tuple[str, ...]] = (
            "unexpected_rows_query.table",
        )

        def _validate(
            self, metrics: Mapping[str, Any], *_: object, **__: object
        ) -> dict[str, Any]:
            rows = metrics["unexpected_rows_query.table"]
            return {
                "success": not rows,
                "result": {"details": {"unexpected_rows": rows}},
            }

    return NamesNoCheck


def _tell(suite: Suite, error: Exception) -> None:
    """Say that it raised; what it says may quote a row. No outcome is an error."""
    log.error("suite %s raised %s", suite.relation.label, type(error).__name__)


def _source(context: Any, dsn: str, suites: list[Suite]) -> Any:  # noqa: ANN401
    """Name the tables at once: one that is added later writes all of them out again."""
    return context.data_sources.add_or_update_postgres(
        f"warehouse_{uuid.uuid4().hex}",
        connection_string=_url(dsn),
        assets=[
            {
                "name": suite.relation.label,
                "type": "table",
                "table_name": suite.relation.name,
                "schema_name": suite.relation.candidate_schema,
            }
            for suite in suites
        ],
    )


def _run_suite(
    gx: Any,  # noqa: ANN401
    source: Any,  # noqa: ANN401
    suite: Suite,
    floors: Mapping[str, int],
) -> Iterable[Outcome]:
    relation = suite.relation
    asked = gx.ExpectationSuite(
        name=relation.label,
        expectations=[
            _expectation(gx, demand, str(suite.check_id(demand)), floors)
            for demand in suite.expectations
        ],
    )
    by_name = {str(suite.check_id(demand)): demand for demand in suite.expectations}
    asset = source.get_asset(relation.label)
    batch = asset.get_batch(asset.build_batch_request())
    answer = batch.validate(asked, result_format="BOOLEAN_ONLY")
    for result in answer.results:
        name = result.expectation_config.meta["check"]
        yield Outcome(check=suite.check_id(by_name[name]), status=_status(result))


def _status(result: Any) -> Status:  # noqa: ANN401
    raised = result.exception_info or {}
    parts = [raised, *(part for part in raised.values() if isinstance(part, dict))]
    if any(part.get("raised_exception") for part in parts):
        return Status.ERROR
    return Status.PASS if result.success is True else Status.FAIL


def _expectation(
    gx: Any,  # noqa: ANN401
    demand: Expectation,
    name: str,
    floors: Mapping[str, int],
) -> Any:  # noqa: ANN401
    kinds = gx.expectations
    meta = {"check": name}
    if demand.kind is Kind.ROW_FLOOR:
        return kinds.ExpectTableRowCountToBeBetween(
            min_value=floors[demand.floor], meta=meta
        )
    if demand.kind is Kind.NOT_NULL:
        return kinds.ExpectColumnValuesToNotBeNull(column=demand.columns[0], meta=meta)
    if demand.kind is Kind.UNIQUE and len(demand.columns) == 1:
        return kinds.ExpectColumnValuesToBeUnique(column=demand.columns[0], meta=meta)
    if demand.kind is Kind.UNIQUE:
        return kinds.ExpectCompoundColumnsToBeUnique(
            column_list=list(demand.columns), meta=meta
        )
    # Great Expectations gives `{batch}` an alias only in queries without a join.
    alias = " as candidate" if _HAS_JOIN.search(demand.query) else ""
    return kinds.UnexpectedRowsExpectation(
        unexpected_rows_query=(
            f"with batch as (select * from {{batch}}{alias})\n{demand.query}"  # noqa: S608
        ),
        meta=meta,
    )


def _url(dsn: str) -> str:
    from sqlalchemy import URL

    parts = conninfo_to_dict(dsn)
    options = {
        name: str(value)
        for name, value in parts.items()
        if name not in {"user", "password", "host", "port", "dbname"}
    }
    url = URL.create(
        "postgresql+psycopg2",
        username=str(parts["user"]) if "user" in parts else None,
        password=str(parts["password"]) if "password" in parts else None,
        host=str(parts.get("host") or "localhost"),
        port=int(parts.get("port") or 5432),
        database=str(parts["dbname"]) if "dbname" in parts else None,
        query=options,
    )
    # A dollar sign would start a substitution in Great Expectations' configuration.
    return url.render_as_string(hide_password=False).replace("$", "%24")
