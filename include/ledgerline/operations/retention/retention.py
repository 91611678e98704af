"""Show what is older than it is kept; remove it and note that on the audit chain.

What posted documents, publications and the audit chain rest on has no age: no command
removes it, and the database refuses it to everyone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledgerline.operations.retention import log_files, repository
from ledgerline.operations.retention.repository import Policy
from ledgerline.store.engine import Connection, connect

LOGS = "logs"


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is older than it is kept, of one kind: how many, and their bytes."""

    policy: Policy
    before: datetime | None
    count: int
    size: int


def survey(dsn: str, folders: Sequence[Path], now: datetime) -> list[Due]:
    """Return, kind by kind, what is older than it is kept; remove nothing."""
    with connect(dsn) as connection:
        return _survey(connection, folders, now)


def remove(dsn: str, folders: Sequence[Path], now: datetime, by: str) -> list[Due]:
    """Remove what is older than it is kept; return what was.

    Files go after what tells of them is on the audit chain: one that a crash leaves is
    removed, and told of, the next time.
    """
    with connect(dsn) as connection, connection.transaction():
        known = _survey(connection, folders, now)
        gone = [due for due in known if due.before and due.count]
        for due in gone:
            _forget(connection, due, by)
    for due in gone:
        if due.policy.what == LOGS and due.before:
            log_files.remove(log_files.older(folders, due.before), folders)
    return gone


def _survey(
    connection: Connection, folders: Sequence[Path], now: datetime
) -> list[Due]:
    return [
        _due(connection, policy, folders, now)
        for policy in repository.policies(connection)
    ]


def _due(
    connection: Connection, policy: Policy, folders: Sequence[Path], now: datetime
) -> Due:
    if policy.keep is None:
        return Due(policy=policy, before=None, count=0, size=0)
    before = now - policy.keep
    if policy.what == LOGS:
        files = log_files.older(folders, before)
        count, size = len(files), log_files.size(files)
    else:
        count, size = repository.due(connection, policy.what, before)
    return Due(policy=policy, before=before, count=count, size=size)


def _forget(connection: Connection, due: Due, by: str) -> None:
    if due.before is None:
        return
    repository.forget(connection, due.policy.what, due.before)
    detail = {
        "by": by,
        "before": due.before.isoformat(),
        "count": due.count,
        "bytes": due.size,
    }
    repository.note(connection, due.policy.what, detail)
