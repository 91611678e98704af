"""What a task's span of OpenTelemetry says of ours: business ids, a span a document.

Airflow makes the span of a task where `[traces] otel_on` is set. Where it is not, there
is no span and nothing is asked. No id here names a patient.
"""

from __future__ import annotations

from datetime import datetime

from opentelemetry import trace
from opentelemetry.trace import StatusCode

from ledgerline.lineage import repository
from ledgerline.store.engine import connect

_NANOSECONDS = 1_000_000_000


def tell(**ids: str | int) -> None:
    """Put ids on the span of this task, as `ledgerline.<name>`."""
    found = {f"ledgerline.{name}": value for name, value in ids.items()}
    trace.get_current_span().set_attributes(found)


def begin(dsn: str) -> datetime | None:
    """Return the database's time, for `tell_attempts`; None where there is no span."""
    if not trace.get_current_span().is_recording():
        return None
    with connect(dsn) as connection:
        return repository.clock(connection)


def tell_attempts(dsn: str, moment: datetime | None) -> None:
    """Add a span for each call to the ERP since: its document, its outcome."""
    if moment is None:
        return
    with connect(dsn) as connection:
        attempts = repository.attempts_since(connection, moment)
    tracer = trace.get_tracer("ledgerline")
    for attempt in attempts:
        span = tracer.start_span(
            f"post {attempt['document_type']}",
            start_time=_nanoseconds(attempt["started_at"]),
            attributes={
                f"ledgerline.{name}": attempt[name]
                for name in (
                    *("natural_key", "publication_id", "attempt_number"),
                    *("erp_document", "outcome"),
                )
                if attempt[name] is not None
            },
        )
        if attempt["erp_document"] is None:
            span.set_status(StatusCode.ERROR)
        ended = attempt["ended_at"]
        span.end(end_time=None if ended is None else _nanoseconds(ended))


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * _NANOSECONDS)
