"""The statements that hold what landed against what the warehouse made of it.

A claim, a payment and a usage is one record of its source. Its dollars, or its pieces,
are read from the record as it landed and from the published facts that name the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from psycopg import sql

from ledgerline.reconciliation.comparison import (
    SOURCE_WAREHOUSE,
    Key,
    Line,
    compare,
)
from ledgerline.store.engine import Connection, is_there
from ledgerline.store.statements import named

_MEASURES = {
    "claims": ("raw_billing", "conformed.fct_claim_submission"),
    "payments": ("raw_billing", "conformed.fct_payment"),
    "usage": ("raw_ehr", "conformed.fct_supply_usage"),
}


def source_lines(connection: Connection) -> Iterator[Line]:
    """Compare, by facility, month and item; nothing before a first publication."""
    landed: dict[Key, Decimal] = {}
    conformed: dict[Key, Decimal] = {}
    in_flight: dict[Key, Decimal] = {}
    for measure, (zone, relation) in _MEASURES.items():
        if not is_there(connection, relation):
            continue
        for facility, period, subject, unit, *amounts in _rows(
            connection, measure, zone
        ):
            key = Key(
                scope="source",
                facility_code=facility,
                period=period,
                subject=subject,
                unit=unit,
            )
            landed[key], conformed[key], in_flight[key] = amounts
    return compare(SOURCE_WAREHOUSE, landed, conformed, in_flight)


def _rows(
    connection: Connection, measure: str, zone: str
) -> Iterator[tuple[str, str, str, str, Decimal, Decimal, Decimal]]:
    texts = named(__package__, "landed.sql")
    statement = sql.SQL(texts["compared"]).format(
        known=sql.SQL(texts[measure]),
        told=sql.SQL(texts[f"told_{measure}"]),
        zone=sql.Identifier(zone),
    )
    yield from connection.execute(statement)
