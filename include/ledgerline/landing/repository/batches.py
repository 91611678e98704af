"""Turns, batches, and what sources remember."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.formats.record import FileRefused, RefusalClass
from ledgerline.landing.repository.statements import run, value
from ledgerline.landing.stored import Batch, Turn, WarehouseFull
from ledgerline.store.engine import connect


@contextmanager
def turn(dsn: str, zone: str, source: str) -> Iterator[Turn]:
    """Wait until no other process lands this source; its raw zone exists then.

    Raises SourceUnavailable when the warehouse goes away, and WarehouseFull.
    """
    with _clear_errors(), connect(dsn) as connection:
        run(connection, "take_turn", source=source)
        run(connection, "fail_abandoned", source=source)
        if not value(run(connection, "has_zone", schema_name=f"raw_{zone}")):
            run(connection, "create_zone", zone_name=zone)
        yield Turn(connection=connection, zone=zone, source=source)


@contextmanager
def batch(of: Turn) -> Iterator[Batch]:
    """Open a batch; close it complete, or failed when an error leaves it."""
    connection = of.connection
    batch_id = value(run(connection, "open_batch", source=of.source))
    run(connection, "staging_tables")
    try:
        yield Batch(
            connection=connection, source=of.source, zone=of.zone, batch_id=batch_id
        )
    except BaseException:
        if not connection.broken:
            run(connection, "close_batch", batch_id=batch_id, status="failed")
        raise
    run(connection, "close_batch", batch_id=batch_id, status="complete")


class SavedState:
    """What one source remembers, in ops.source_state, on a connection of its own.

    Its own, so that a save commits whatever landing is in the middle of.
    """

    def __init__(self, dsn: str, source: str) -> None:
        """Connect at the first use only; most sources remember nothing."""
        self._dsn = dsn
        self._source = source

    def load(self, key: str) -> dict[str, Any] | None:
        """Return what was saved under the key, or None."""
        with connect(self._dsn) as connection:
            row = run(connection, "load_state", source=self._source, key=key).fetchone()
        return row[0] if row else None

    def save(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep a JSON object; it is committed when this returns."""
        with connect(self._dsn) as connection:
            run(
                connection,
                "save_state",
                source=self._source,
                key=key,
                value=Jsonb(dict(value)),
            )

    def drop(self, key: str) -> None:
        """Forget the key, whether it was known or not."""
        with connect(self._dsn) as connection:
            run(connection, "drop_state", source=self._source, key=key)

    def shown(self, resource_type: str) -> frozenset[str]:
        """Return the ids of what landed from the source and is not gone since."""
        schema = f"raw_{self._source.split('_')[0]}"
        with connect(self._dsn) as connection:
            rows = run(
                connection,
                "shown_ids",
                schema,
                source=self._source,
                resource_type=resource_type,
            )
            return frozenset(row[0] for row in rows)


@contextmanager
def refusing_values() -> Iterator[None]:
    """Refuse the file when the warehouse cannot hold one of its values."""
    try:
        yield
    except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
        raise FileRefused(
            RefusalClass.PARSE,
            "the file holds a value that the warehouse cannot store "
            f"({error.sqlstate}); report it with the file",
        ) from error


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise WarehouseFull(
            "the warehouse has no room left; free disk space and run again, "
            "what was landed before stays"
        ) from error
    except psycopg.OperationalError as error:
        raise SourceUnavailable(
            "the warehouse went away while landing; start it (make run) and run "
            "again, the unfinished file is landed then"
        ) from error
