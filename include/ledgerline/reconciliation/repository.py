"""Every statement of reconciliation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ledgerline.posting.command import State
from ledgerline.posting.document import PREFIX, Document, from_payload
from ledgerline.reconciliation.comparison import (
    MOVING,
    Balance,
    EntryMark,
    Key,
    Line,
    Scope,
)
from ledgerline.store.engine import Connection, is_there

_DESIRED = """
select
    facility_code, to_char(posting_date, 'YYYY-MM') as period, account_code,
    cost_center_code || '|' || service_line_code as subject, sum(amount) as amount
from (
    select facility_code, posting_date, account_code, cost_center_code,
        service_line_code, amount
    from outbound.out_journal_line
    where hold_class = ''
    union all
    select facility_code, posting_date, account_code, cost_center_code,
        service_line_code, amount
    from post.accrual_line
) as wanted
group by 1, 2, 3, 4
"""
_DESIRED_STOCK = """
select
    facility_code, to_char(posting_date, 'YYYY-MM') as period, '' as account_code,
    location_code || '|' || item_code || '|' || lot_number as subject,
    sum(quantity) as amount
from outbound.out_stock_issue_line
where hold_class = ''
group by 1, 2, 3, 4
"""
_DESIRED_REQUISITION = """
select facility_code, '' as period, '' as account_code, item_code as subject,
    sum(quantity) as amount
from outbound.out_requisition_line
where hold_class = ''
group by 1, 4
"""
_OUTBOX = """
select
    entry.facility_code, to_char(entry.origin_date, 'YYYY-MM') as period,
    line.account_code,
    line.cost_center_code || '|' || line.service_line_code as subject,
    sum(line.amount_cents) / 100.0 as amount, entry.state,
    ledger.entry_id is not null as is_in_ledger,
    to_char(entry.posting_date, 'YYYY-MM') as booked_period
from post.entry as entry
inner join post.entry_line as line using (entry_id)
left join post.ledger as ledger using (entry_id)
where
    entry.hold_class = '' and entry.state <> 'CANCELLED'
    and entry.waived_publication_id is null
group by 1, 2, 3, 4, 6, 7, 8
"""
_OUTBOX_STOCK = """
select
    entry.facility_code, to_char(entry.origin_date, 'YYYY-MM') as period,
    '' as account_code,
    line.location_code || '|' || line.item_code || '|' || line.lot_number as subject,
    sum(line.quantity) as amount, entry.state,
    ledger.entry_id is not null as is_in_ledger,
    to_char(entry.posting_date, 'YYYY-MM') as booked_period
from post.entry as entry
inner join post.stock_line as line using (entry_id)
left join post.ledger as ledger using (entry_id)
where
    entry.hold_class = '' and entry.state <> 'CANCELLED'
    and entry.waived_publication_id is null
group by 1, 2, 3, 4, 6, 7, 8
"""
_OUTBOX_REQUISITION = """
select
    entry.facility_code, '' as period, '' as account_code, line.item_code as subject,
    sum(line.quantity) as amount, entry.state,
    ledger.entry_id is not null as is_in_ledger, '' as booked_period
from post.entry as entry
inner join post.requisition_line as line using (entry_id)
left join post.ledger as ledger using (entry_id)
where
    entry.hold_class = '' and entry.state <> 'CANCELLED'
    and entry.waived_publication_id is null
group by 1, 4, 6, 7
"""
_MARKS = """
select
    natural_key, state, erp_document, payload_sha256, total_amount_cents,
    coalesce(posted_at >= %(began)s, false) as is_recent,
    case when posted_at >= %(began)s then payload end as payload
from post.entry
where state <> 'CANCELLED'
"""

_DESIRED_OF: dict[Scope, str] = {
    "account": _DESIRED,
    "stock": _DESIRED_STOCK,
    "requisition": _DESIRED_REQUISITION,
}
_OUTBOX_OF: dict[Scope, str] = {
    "account": _OUTBOX,
    "stock": _OUTBOX_STOCK,
    "requisition": _OUTBOX_REQUISITION,
}


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """Our side: all that is proposed, what of it is in the ledger, what is moving.

    They count in the period that a document is about; `booked` is the ledger by the
    period that the document is dated in.
    """

    proposed: Balance
    ledger: Balance
    moving: Balance
    booked: Balance


def clock(connection: Connection) -> datetime:
    """The database's time now."""
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None  # noqa: S101 - a select without a table has one row
    found: datetime = row[0]
    return found


def publication(connection: Connection) -> int | None:
    """The newest publication, None before the first."""
    row = connection.execute("select max(publication_id) from ops.publication")
    found = row.fetchone()
    return found[0] if found else None


def desired(connection: Connection) -> Balance:
    """What the published rows and the closes ask for; nothing before a publication."""
    total: dict[Key, Decimal] = defaultdict(Decimal)
    if publication(connection) is None:
        return total
    statements = dict(_DESIRED_OF)
    if not is_there(connection, "outbound.out_requisition_line"):
        del statements["requisition"]
    for scope, statement in statements.items():
        for row in connection.execute(statement.encode()):
            _add(total, row, scope)
    return total


def outbox(connection: Connection) -> Outbox:
    """What the entries hold, by where they are."""
    proposed: dict[Key, Decimal] = defaultdict(Decimal)
    ledger: dict[Key, Decimal] = defaultdict(Decimal)
    moving: dict[Key, Decimal] = defaultdict(Decimal)
    booked: dict[Key, Decimal] = defaultdict(Decimal)
    for scope, statement in _OUTBOX_OF.items():
        for row in connection.execute(statement.encode()):
            *_, state, is_in_ledger, booked_period = row
            _add(proposed, row, scope)
            if is_in_ledger:
                _add(ledger, row, scope)
                _add(booked, (row[0], booked_period, *row[2:]), scope)
            elif State(state) in MOVING:
                _add(moving, row, scope)
    return Outbox(proposed=proposed, ledger=ledger, moving=moving, booked=booked)


def _add(total: dict[Key, Decimal], row: tuple[Any, ...], scope: Scope) -> None:
    facility, period, account, subject, amount, *_ = row
    place = {"facility_code": facility, "period": period}
    if scope != "account":
        total[Key(scope=scope, subject=subject, unit="u", **place)] += amount
        return
    total[Key(scope="account", account_code=account, **place)] += amount
    total[Key(scope="cost_object", account_code=account, subject=subject, **place)] += (
        amount
    )


def marks(
    connection: Connection, began: datetime
) -> tuple[dict[str, EntryMark], dict[str, Document]]:
    """Every entry by reference, and the documents posted since the sweep began."""
    found: dict[str, EntryMark] = {}
    recent: dict[str, Document] = {}
    for key, state, document, sha, cents, is_recent, payload in connection.execute(
        _MARKS, {"began": began}
    ):
        reference = f"{PREFIX}{key}"
        found[reference] = EntryMark(
            reference=reference,
            state=State(state),
            erp_document=document,
            content_sha256=sha,
            total_cents=cents,
            is_recent=is_recent,
        )
        if payload is not None:
            recent[reference] = from_payload(payload)
    return found, recent


def insert_run(
    connection: Connection, began: datetime, lines: list[Line], totals: dict[str, Any]
) -> int:
    """Keep a run and its lines; return its number."""
    row = connection.execute(
        """
        insert into ops.reconciliation_run (
            publication_id, started_at, line_count, break_count, difference_amount,
            in_flight_amount
        ) values (
            %(publication_id)s, %(began)s, %(line_count)s, %(break_count)s,
            %(difference)s, %(in_flight)s
        ) returning run_id
        """,
        {"began": began, "line_count": len(lines), **totals},
    ).fetchone()
    assert row is not None  # noqa: S101 - returning gives the row
    run_id = int(row[0])
    _insert_lines(connection, run_id, lines)
    return run_id


def _insert_lines(connection: Connection, run_id: int, lines: Iterable[Line]) -> None:
    columns = (
        "run_id, scope, system_pair, facility_code, period, account_code, subject, "
        "unit, left_amount, right_amount, in_flight_amount, break_name"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy ops.reconciliation_line ({columns}) from stdin") as copy,
    ):
        for line in lines:
            key = line.key
            copy.write_row(
                [
                    *(run_id, key.scope, line.system_pair, key.facility_code),
                    *(key.period, key.account_code, key.subject, key.unit),
                    *(line.left, line.right, line.in_flight, line.break_name),
                ]
            )
