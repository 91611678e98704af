"""Apply the numbered SQL migrations, each once and in order."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ledgerline.canonical.errors import Fatal
from ledgerline.store.engine import Connection, connect

FOLDER = Path(__file__).parent / "migrations"
_LEDGER = """
create schema if not exists ops;
create table if not exists ops.migration (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
);
"""
_LOCK = 7_320_511


class MigrationChanged(Fatal):
    """A migration that was already applied has other text now."""

    code = "MIGRATION_CHANGED"


def migrate(dsn: str) -> list[str]:
    """Bring the warehouse to the newest migration; return the names applied now.

    Safe to call from several processes at once: they take turns on a lock.
    """
    with connect(dsn) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        connection.execute(_LEDGER)
        return [
            path.name
            for path in sorted(FOLDER.glob("*.sql"))
            if _apply(connection, path)
        ]


def _apply(connection: Connection, path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    checksum = hashlib.sha256(text.encode()).hexdigest()
    known = connection.execute(
        "select checksum from ops.migration where name = %s", [path.name]
    ).fetchone()
    if known is None:
        with connection.transaction():
            connection.execute(text.encode())
            connection.execute(
                "insert into ops.migration (name, checksum) values (%s, %s)",
                [path.name, checksum],
            )
        return True
    if known[0] != checksum:
        raise MigrationChanged(
            f"{path.name} was applied with other text; restore it and put the change "
            "into a new migration"
        )
    return False
