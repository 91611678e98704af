"""Statements of the planning side: proposals and their release."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from psycopg.rows import DictRow, class_row, dict_row
from psycopg.types.json import Jsonb

from ledgerline.posting.proposal import (
    Group,
    JournalDifference,
    NewEntry,
    RequisitionDifference,
    StockDifference,
)
from ledgerline.store.engine import Connection, connect, is_there

_PLANNING_LOCK = 7_320_530
_FOLDER = Path(__file__).parent
_OF_GROUP = ("document_kind", "facility_code", "hold_class", "order_key", "stem")


@dataclass(frozen=True, kw_only=True)
class PublicationMark:
    """The publication that entries are proposed from."""

    publication_id: int
    data_hash: str
    suite_hash: str


@contextmanager
def connection(dsn: str) -> Iterator[Connection]:
    """A connection that posting may trust: what it commits is on disk."""
    with connect(dsn) as opened:
        opened.execute("set synchronous_commit = on")
        yield opened


def lock_planning(connection: Connection) -> None:
    """Let one proposal or release run at a time; held to the end of the transaction."""
    connection.execute("select pg_advisory_xact_lock(%s)", [_PLANNING_LOCK])


def newest_publication(connection: Connection) -> PublicationMark | None:
    """The publication that readers see now."""
    with connection.cursor(row_factory=class_row(PublicationMark)) as cursor:
        return cursor.execute(
            """
            select publication_id, data_hash, suite_hash from ops.publication
            order by publication_id desc limit 1
            """
        ).fetchone()


def waive_rejections(connection: Connection, publication_id: int) -> None:
    """Let this proposal make up for what the ERP rejected in earlier ones."""
    connection.execute(
        """
        update post.entry set waived_publication_id = %(number)s
        where state = 'REJECTED' and waived_publication_id is null
            and publication_id < %(number)s
        """,
        {"number": publication_id},
    )


def cancel_superseded(connection: Connection, publication_id: int) -> int:
    """Cancel held entries of earlier publications; they were never sent.

    Entries with a hold class stay as they are while their rows do not change, and
    reversals stay: two people made them.
    """
    changed = {
        difference.group
        for find in (journal_difference, stock_difference, requisition_difference)
        for difference in find(connection)
    }
    stems = [group.stem for group in changed]
    return connection.execute(
        """
        update post.entry set state = 'CANCELLED'
        where state = 'HELD' and publication_id < %(number)s and reverses is null and (
            hold_class = ''
            or regexp_replace(natural_key, '[|]v[0-9]+$', '') = any(%(stems)s)
        )
        """,
        {"number": publication_id, "stems": stems},
    ).rowcount


def cancel_closed(connection: Connection) -> int:
    """Cancel held entries whose period the ERP closed; they are dated anew.

    Requisitions know no period.
    """
    return connection.execute(
        """
        update post.entry set state = 'CANCELLED'
        where state = 'HELD' and hold_class = '' and document_type <> 'requisition'
            and posting_date <> post.open_date(posting_date)
        """
    ).rowcount


def open_dates(connection: Connection, dates: Iterable[date]) -> dict[date, date]:
    """Where the ERP takes documents of these days."""
    rows = connection.execute(
        "select day, post.open_date(day) from unnest(%s::date[]) as day",
        [sorted(set(dates))],
    )
    return dict(cast("Iterable[tuple[date, date]]", rows))


def versions(connection: Connection) -> dict[str, int]:
    """The newest version of every natural key, without its version."""
    rows = connection.execute(
        """
        select regexp_replace(natural_key, '[|]v[0-9]+$', '') as stem, max(version)
        from post.entry group by 1
        """
    )
    return dict(cast("Iterable[tuple[str, int]]", rows))


def consumption_location(connection: Connection) -> str:
    """The ERP location that used goods move to."""
    row = connection.execute(
        """
        select account_code from reference.posting_account
        where posting_role = 'consumption_location'
        """
    ).fetchone()
    return str(row[0]) if row else "CONSUMED"


def journal_difference(connection: Connection) -> list[JournalDifference]:
    """Published desired amounts less what entries hold, per key, where not zero."""
    return [
        JournalDifference(
            group=_group(row),
            account_code=row["account_code"],
            cost_center_code=row["cost_center_code"],
            service_line_code=row["service_line_code"],
            amount=row["amount"],
        )
        for row in _rows(connection, "journal_difference.sql")
    ]


def stock_difference(connection: Connection) -> list[StockDifference]:
    """Published desired quantities less what entries move, where not zero."""
    return [
        StockDifference(
            group=_group(row, store=row["location_code"]),
            item_code=row["item_code"],
            lot_number=row["lot_number"],
            unit=row["unit"],
            quantity=Decimal(row["quantity"]),
            amount=row["amount"],
        )
        for row in _rows(connection, "stock_difference.sql")
    ]


def requisition_difference(connection: Connection) -> list[RequisitionDifference]:
    """Published desired quantities beyond those that entries ask for.

    A publication from before there were requisitions wants none.
    """
    if not is_there(connection, "outbound.out_requisition_line"):
        return []
    return [
        RequisitionDifference(
            group=_group(row, store=row["location_code"]),
            item_code=row["item_code"],
            unit=row["unit"],
            quantity=Decimal(row["quantity"]),
        )
        for row in _rows(connection, "requisition_difference.sql")
    ]


def _group(row: Mapping[str, Any], store: str = "") -> Group:
    return Group(
        document_kind=row["document_kind"],
        facility_code=row["facility_code"],
        posting_date=row["posting_date"],
        hold_class=row["hold_class"],
        store=store,
    )


def _rows(connection: Connection, name: str) -> list[DictRow]:
    statement = (_FOLDER / name).read_bytes()
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement).fetchall()


def insert_entry(
    connection: Connection, publication: PublicationMark, entry: NewEntry
) -> None:
    """Write one HELD entry; the database derives its lines from the payload."""
    group = entry.group
    connection.execute(
        """
        insert into post.entry (
            entry_id, natural_key, document_kind, document_type, facility_code,
            posting_date, origin_date, hold_class, version, publication_id, data_hash,
            suite_hash, payload, payload_sha256, order_key, reverses, supersedes
        ) values (
            %(entry_id)s, %(natural_key)s, %(document_kind)s, %(document_type)s,
            %(facility_code)s, %(posting_date)s, %(origin_date)s, %(hold_class)s,
            %(version)s, %(publication_id)s, %(data_hash)s, %(suite_hash)s,
            %(payload)s, %(payload_sha256)s, %(order_key)s, %(reverses)s,
            case when %(version)s > 1 then (
                select entry_id from post.entry
                where state = 'REJECTED' and natural_key = any(array(
                    select %(stem)s || '|v' || earlier
                    from generate_series(1, %(version)s - 1) as earlier
                ))
                order by version desc limit 1
            ) end
        )
        """,
        {
            "entry_id": entry.entry_id,
            "natural_key": entry.natural_key,
            **{name: getattr(group, name) for name in _OF_GROUP},
            "document_type": entry.document.document_type,
            "posting_date": entry.document.posting_date,
            "origin_date": group.posting_date,
            "version": entry.version,
            **asdict(publication),
            "payload": Jsonb(entry.document.payload()),
            "payload_sha256": entry.payload_sha256,
            "reverses": entry.reverses,
        },
    )


def link_facts(connection: Connection, entries: list[uuid.UUID]) -> None:
    """Link new entries to the published rows behind their lines."""
    # New rows have no statistics: the planner would look at every fact for every line.
    connection.execute("set local enable_nestloop to off")
    connection.execute(
        """
        insert into post.entry_fact (entry_id, journal_fact_id)
        select distinct entry.entry_id, fact.journal_fact_id
        from (
            select entry_id, document_kind, facility_code, hold_class,
                origin_date as posting_date
            from post.entry where entry_id = any(%s)
        ) as entry
        inner join post.entry_line as line using (entry_id)
        inner join outbound.out_journal_fact as fact
            using (
                document_kind, facility_code, posting_date, hold_class,
                account_code, cost_center_code, service_line_code
            )
        """,
        [entries],
    )
    connection.execute("select post.link_usages(%s)", [entries])
    connection.execute("set local enable_nestloop to default")


def release_entries(connection: Connection) -> list[int]:
    """Make releasable entries READY; return their amounts in cents."""
    rows = connection.execute(
        """
        update post.entry as entry
        set state = 'READY', next_at = clock_timestamp()
        where state = 'HELD' and post.is_releasable(entry)
        returning total_amount_cents
        """
    )
    return [row[0] for row in rows]


def held_entries(connection: Connection) -> list[int]:
    """The amounts of the entries that stay HELD, in cents."""
    rows = connection.execute(
        "select total_amount_cents from post.entry where state = 'HELD'"
    )
    return [row[0] for row in rows]
