"""The exceptions of landed records that wait, in step with what waits now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import sql

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.landing.quarantine import owner
from ledgerline.store.engine import Connection
from ledgerline.store.statements import named


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Who says that records of a zone wait, and how long they may.

    The patience runs from `since`; without it, from the landing of each record.
    """

    zone: str
    stage: str
    refusal_class: RefusalClass = RefusalClass.ORDER_WAIT
    patience: timedelta
    since: datetime | None = None

    def values(self) -> dict[str, object]:
        """Return the parameters of the statements."""
        return {
            "zone": self.zone,
            "stage": self.stage,
            "class": self.refusal_class.value,
            "owner": owner(self.refusal_class, self.zone),
            "patience": self.patience,
            "since": self.since,
        }


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What one look changed."""

    added: int
    settled: int


def keep(
    connection: Connection, reason: Reason, messages: Mapping[int, str]
) -> Changes:
    """Bring the exceptions of a reason in step with the records that wait for it.

    `messages` says of each record what it waits for. A record has one exception at a
    time, which says what is missing today; one that somebody dismissed stays away.
    """
    values = reason.values() | {
        "record_ids": list(messages),
        "messages": list(messages.values()),
    }
    schema = sql.Identifier(f"raw_{reason.zone}")

    def count(query: str) -> int:
        text = sql.SQL(named(__package__, "waiting.sql")[query])
        return connection.execute(text.format(zone=schema), values).rowcount

    count("say_again")
    return Changes(added=count("park"), settled=count("settle"))
