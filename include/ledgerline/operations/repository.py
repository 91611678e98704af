"""The queries behind `ledgerline status`, `trace` and `exceptions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ledgerline.store.engine import Connection

Rows = Sequence[tuple[Any, ...]]

_LANDED = """
select
    batch.source,
    count(*) as batches,
    sum(batch.received_count),
    sum(batch.landed_count),
    sum(batch.quarantined_count),
    sum(batch.duplicate_count)
from ops.landing_batch as batch
where batch.started_at >= %(since)s and batch.status = 'complete'
group by batch.source
order by batch.source
"""

_QUARANTINED = """
select source, class, resource_type, count(*), min(locator), min(message)
from ops.quarantined_record
where status = 'open'
group by source, class, resource_type
order by source, class, resource_type
"""

_DECISION = """
select
    decision_id, verdict, evaluated_count, required_count,
    coalesce(array_to_string(held_facilities, ', '), ''), decided_at
from ops.gate_decision
order by decision_id desc
limit 1
"""

_PUBLICATION = """
select publication_id, verdict, published_at
from ops.publication
order by publication_id desc
limit 1
"""

_FAILED_CHECKS = """
select suite, check_name, severity, status, observed, coalesce(scope_facility, '')
from ops.check_result
where
    status <> 'pass'
    and run_id = (
        select run_id from ops.check_result order by check_result_id desc limit 1
    )
order by array_position(array['block', 'hold', 'warn'], severity), suite, check_name
"""

_DOCUMENTS = """
select
    document_kind,
    count(*) filter (where posted_at >= %(since)s) as new_documents,
    count(*) filter (where state = 'POSTED') as documents,
    coalesce(sum(total_amount) filter (where state = 'POSTED'), 0) as amount,
    min(erp_document) filter (where state = 'POSTED') as first_document,
    max(erp_document) filter (where state = 'POSTED') as last_document,
    count(*) filter (where state not in ('POSTED', 'CANCELLED')) as not_posted
from post.entry
group by document_kind
order by document_kind
"""

_OPEN_ENTRIES = """
select state, hold_class, count(*), sum(total_amount)
from post.entry
where state not in ('POSTED', 'CANCELLED')
group by state, hold_class
order by state, hold_class
"""

_RECONCILIATION = """
select system_pair, count(*), sum(abs(difference_amount))
from marts.reconciliation
group by system_pair
order by system_pair
"""

_SERVICE_LINES = """
select
    line.service_line_code,
    sum(line.encounter_count),
    sum(line.gross_charge_amount),
    sum(line.net_revenue_amount),
    sum(
        line.labor_cost + line.supply_cost + line.implant_cost + line.drug_cost
        + line.other_direct_cost + line.overhead_cost
    ),
    sum(line.operating_margin_amount)
from marts.service_line_profitability as line
group by line.service_line_code
order by sum(line.operating_margin_amount) desc
"""

_EXCEPTIONS = """
select quarantine_id, source, class, locator, owner, due_at, message
from ops.quarantined_record
where status = 'open'
order by quarantine_id
"""


def landed(connection: Connection, since: datetime) -> Rows:
    """Source, batches, received, landed, quarantined, duplicate."""
    return connection.execute(_LANDED, {"since": since}).fetchall()


def quarantined(connection: Connection) -> Rows:
    """Source, class, type, count, an example's locator and message."""
    return connection.execute(_QUARANTINED).fetchall()


def decision(connection: Connection) -> tuple[Any, ...] | None:
    """Number, verdict, evaluated, required, held facilities, time."""
    return connection.execute(_DECISION).fetchone()


def publication(connection: Connection) -> tuple[Any, ...] | None:
    """Number, verdict, time."""
    return connection.execute(_PUBLICATION).fetchone()


def failed_checks(connection: Connection) -> Rows:
    """Suite, check, severity, status, observed, facility: the last run's failures."""
    return connection.execute(_FAILED_CHECKS).fetchall()


def documents(connection: Connection, since: datetime) -> Rows:
    """Kind, new, posted, amount in USD, first and last ERP number, not posted."""
    return connection.execute(_DOCUMENTS, {"since": since}).fetchall()


def open_entries(connection: Connection) -> Rows:
    """State, hold class, count, amount in USD."""
    return connection.execute(_OPEN_ENTRIES).fetchall()


def reconciliation(connection: Connection) -> Rows:
    """Pair of systems, lines compared, sum of absolute differences in USD."""
    return connection.execute(_RECONCILIATION).fetchall()


def service_lines(connection: Connection) -> Rows:
    """Service line, encounters, gross, net revenue, cost, operating margin in USD."""
    return connection.execute(_SERVICE_LINES).fetchall()


def exceptions(connection: Connection) -> Rows:
    """Number, source, class, locator, owner, due, message of what waits."""
    return connection.execute(_EXCEPTIONS).fetchall()
