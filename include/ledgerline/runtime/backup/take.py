"""`ledgerline backup`: a verified copy of the running embedded PostgreSQL."""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import cast

import psycopg

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.runtime.backup.store import BackupFailed, Backups, Base
from ledgerline.runtime.postgres import SUPERUSER, EmbeddedPostgres
from ledgerline.runtime.stack import needs_embedded_postgres, start_postgres
from ledgerline.settings import Settings


def back_up(settings: Settings, kept: int) -> Base:
    """Copy everything while it runs, verify the copy, drop all but the newest.

    From the first backup on the server archives its WAL, so that any later time can be
    restored, and not the times of backups alone.
    """
    require_embedded()
    if kept < 1:
        raise ConfigurationInvalid("--keep must be 1 or more")
    server = start_postgres(settings)
    backups = Backups.of(settings, server.account)
    partial = backups.prepare(server)
    done = server.call(
        "pg_basebackup",
        *("--pgdata", str(partial), "--checkpoint", "fast", "--wal-method", "stream"),
        *("--host", "127.0.0.1", "--port", str(server.port), "--username", SUPERUSER),
        *("--no-password", "--manifest-checksums", "SHA256"),
    )
    if done.returncode:
        shutil.rmtree(partial, ignore_errors=True)
        raise BackupFailed(
            f"pg_basebackup failed: {done.stdout.strip()[-300:]}; make room in "
            f"{backups.folder} if that is why, and run it again"
        )
    base = backups.keep(partial, _clock(server))
    backups.drop_older(server, kept)
    return base


def require_embedded() -> None:
    """Raise unless the warehouse lies in the embedded PostgreSQL."""
    if not needs_embedded_postgres():
        raise ConfigurationInvalid(
            "the databases lie in a PostgreSQL of your own, which is backed up with "
            "its own means; see docs/how-to/back_up_and_restore.md"
        )


def _clock(server: EmbeddedPostgres) -> datetime:
    """The server's time, when all of it has surely left the WAL's buffers."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        row = connection.execute("select clock_timestamp(), pg_switch_wal()").fetchone()
    return cast("tuple[datetime, str]", row)[0]
