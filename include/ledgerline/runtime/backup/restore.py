"""`ledgerline restore`: the embedded PostgreSQL as it was at a point in time."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.runtime import stack, up
from ledgerline.runtime.backup.store import BackupFailed, Backups, Base, verify
from ledgerline.runtime.backup.take import require_embedded
from ledgerline.runtime.postgres import EmbeddedPostgres, ServerFailed
from ledgerline.runtime.run import alone
from ledgerline.settings import Settings

_SETTINGS = ("restore_command", "recovery_target_time", "recovery_target_action")
WAREHOUSE = "ledgerline"


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What was restored: the time of the last commit that is there again.

    `kept` is where the data of before the restore lies.
    """

    last_commit_at: datetime | None
    kept: Path
    seconds: float


def restore(
    settings: Settings, at: datetime | None, say: Callable[[str], None]
) -> Restored:
    """Stop everything of this home, bring the data back, start PostgreSQL.

    Without `at` all that was archived comes back. What was there before is kept beside
    it; when the restore fails it is put back.
    """
    require_embedded()
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    if at is not None and at > datetime.now(UTC):
        raise ConfigurationInvalid(f"{at.isoformat()} is yet to come; choose --at TIME")
    with alone(settings):
        began = time.monotonic()
        server = stack.embedded_postgres(settings)
        backups = Backups.of(settings, server.account)
        base = backups.before(at)
        say("stopping every process of this home")
        up.down(settings)
        stack.stop(settings)
        if server.is_running():
            raise BackupFailed(
                "PostgreSQL does not stop, perhaps because it still archives; see "
                f"{server.data / 'server.log'} and run the same again"
            )
        say(f"checking and copying the backup of {base.completed_at:%Y-%m-%d %H:%M}")
        verify(base.folder)
        kept = _exchange(server, base, backups.wal, at)
        say("replaying what was archived since")
        last = _recover(server, kept)
    return Restored(last_commit_at=last, kept=kept, seconds=time.monotonic() - began)


def print_restored(done: Restored, say: Callable[[str], None]) -> None:
    """Say what is there again, and what is to be done next."""
    last = done.last_commit_at
    until = f"its last change is of {last.isoformat()}" if last else "as backed up"
    say(f"restored in {done.seconds:.0f} s, {until}; before it: {done.kept}")
    say(
        "the next `ledgerline run` or `ledgerline up` reads the ERP first and adopts "
        "what was posted since"
    )


def _exchange(
    server: EmbeddedPostgres, base: Base, wal: Path, at: datetime | None
) -> Path:
    """Put a copy of the backup in the place of the data; return where that now is."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    kept = server.data.with_name(f"data.before-restore-{stamp}")
    fresh = server.data.with_name("data.restored")
    shutil.rmtree(fresh, ignore_errors=True)
    server.account.copy(base.folder, fresh)
    _save_last_wal(server, wal, fresh)
    wanted = {
        "restore_command": _restore_command(wal),
        "recovery_target_time": "" if at is None else at.isoformat(),
        "recovery_target_action": "promote",
    }
    with (fresh / "postgresql.auto.conf").open("a") as file:
        for name, value in wanted.items():
            file.write("{} = '{}'\n".format(name, value.replace("'", "''")))
    server.account.touch(fresh / "recovery.signal")
    if server.data.exists():
        server.data.rename(kept)
    fresh.rename(server.data)
    return kept


def _restore_command(wal: Path) -> str:
    return f"cp {shlex.quote(str(wal)).replace('%', '%%')}/%f %p"


def _save_last_wal(server: EmbeddedPostgres, wal: Path, fresh: Path) -> None:
    """Take over what the server had no time, or no room, to archive."""
    old = server.data / "pg_wal"
    has_crashed = (server.data / "postmaster.pid").exists()
    for segment in sorted(old.glob("[0-9A-F]*")):
        is_ready = (old / "archive_status" / f"{segment.name}.ready").exists()
        if (is_ready or has_crashed) and not (wal / segment.name).exists():
            server.account.copy(segment, fresh / "pg_wal" / segment.name)


def _recover(server: EmbeddedPostgres, kept: Path) -> datetime | None:
    """Start, wait until it is writable, forget the target; else put all back."""
    try:
        server.start()
        return _promoted(server)
    except (ServerFailed, psycopg.Error) as error:
        server.stop()
        log = server.data / "server.log"
        why = [line for line in log.read_text().splitlines() if "FATAL" in line][-1:]
        if kept.exists():
            shutil.rmtree(server.data)
            kept.rename(server.data)
        raise BackupFailed(
            "the restore did not get there and nothing was changed: "
            f"{why[0] if why else error}; choose an earlier --at, or none for all that "
            "was archived"
        ) from error


def _promoted(server: EmbeddedPostgres) -> datetime | None:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        while connection.execute("select pg_is_in_recovery()").fetchone() == (True,):
            time.sleep(0.1)
        for name in _SETTINGS:
            connection.execute(f"alter system reset {name}".encode())
        row = connection.execute("select pg_last_xact_replay_timestamp()").fetchone()
    with psycopg.connect(server.dsn(WAREHOUSE)) as connection:
        known = connection.execute("select to_regprocedure('ops.notice_restore()')")
        if known.fetchone() != (None,):
            connection.execute("select ops.notice_restore()")
    return row[0] if row else None
