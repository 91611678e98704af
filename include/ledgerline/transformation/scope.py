"""Decide what a build looks at: all of it, or what changed since the build before.

An increment builds again the accounts that something new is tied to, from all their
records, and replaces their rows. Whatever could change every row asks for a full build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ledgerline.canonical.errors import Rejected, Retriable
from ledgerline.store.engine import Connection, connect
from ledgerline.store.migrate import FOLDER as MIGRATIONS
from ledgerline.transformation import repository
from ledgerline.transformation.repository import Marks, State

_GLOBAL = {
    "ehr": ("Organization", "Location"),
    "erp": ("product.",),
}
"""Resource types, by the start of their name, that facts of any age look up."""
_SOURCES = {".sql", ".yml", ".csv", ".py"}
_LARGE = 0.4
"""A share of the records beyond which a full build is the shorter way."""


class BuildDelayed(Retriable):
    """A landing writes for so long that the build cannot see where it begins."""

    code = "BUILD_DELAYED"


class BuildNotBegun(Rejected):
    """A later stage was asked for before the first."""

    code = "BUILD_NOT_BEGUN"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a build looks at, and why."""

    is_increment: bool
    reason: str

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{'increment' if self.is_increment else 'full build'}: {self.reason}"


def open_full(dsn: str) -> Scope:
    """Begin a full build that no increment can follow: it ties nothing."""
    scope = Scope(is_increment=False, reason="increments are off")
    with connect(dsn) as connection, connection.transaction():
        repository.take_turn(connection)
        repository.untie_everything(connection)
        repository.open_build(
            connection, is_increment=False, reason=scope.reason, marks={}, inputs={}
        )
    return scope


def open_scope(
    dsn: str, project: Path, *, is_full: bool = False, full_every_days: int = 0
) -> Scope:
    """Begin a build: an increment where that is safe, else a full one.

    It is full as well where no build was for `full_every_days` (0: however long).
    Until its last stage ends well (`end_stage`) the next build is full.
    """
    with connect(dsn) as connection:
        marks = _marks(connection)
        with connection.transaction():
            repository.take_turn(connection)
            before = repository.read_state(connection)
            inputs = {
                "code": code_hash(project),
                **repository.reference_hashes(connection),
            }
            reason = "it was asked for" if is_full else _reason(before, inputs)
            reason = reason or _age(before, full_every_days)
            reason = reason or _global_change(connection, before.marks)
            scope = _increment(connection, before.marks, marks) if not reason else None
            if scope is None or not scope.is_increment:
                scope = scope or Scope(is_increment=False, reason=reason)
                repository.tie_everything(connection, marks)
            repository.open_build(
                connection,
                is_increment=scope.is_increment,
                reason=scope.reason,
                marks=marks,
                inputs=inputs,
            )
    return scope


def require_open(dsn: str) -> None:
    """Refuse a stage that no build began: what it reads may be one increment's rows."""
    with connect(dsn) as connection:
        status = repository.read_state(connection).status
    if status not in {"running", "tainted"}:
        raise BuildNotBegun(
            "no build has begun; run its first stage (task build_staging) before"
        )


def request_build(dsn: str) -> bool:
    """Tell whether an event waits for a build, and note that it is asked for.

    One request stands until a build begins, which looks at all that waits by then.
    """
    with connect(dsn) as connection:
        return repository.request_build(connection)


def end_stage(dsn: str, *, is_success: bool, is_last: bool = False) -> None:
    """Note how a stage ended; an increment may follow only when all succeeded."""
    with connect(dsn) as connection:
        if is_last:
            repository.close_build(connection, is_success=is_success)
        elif not is_success:
            repository.taint(connection)


def _marks(connection: Connection) -> Marks:
    try:
        return repository.read_marks(connection)
    except psycopg.errors.LockNotAvailable:
        raise BuildDelayed(
            "a landing has been writing for a minute; nothing was built, run it again"
        ) from None


def _reason(before: State, inputs: Mapping[str, str]) -> str:
    """Why only a full build can follow, or nothing."""
    if before.status == "none" or not before.inputs:
        return "there is nothing to add to"
    if before.status != "done":
        return "the build before did not succeed"
    differ = sorted(
        name
        for name in inputs.keys() | before.inputs.keys()
        if inputs.get(name) != before.inputs.get(name)
    )
    return f"{', '.join(differ)} changed" if differ else ""


def _age(before: State, most_days: int) -> str:
    days = before.full_days
    if not most_days or (days is not None and days < most_days):
        return ""
    if days is None:
        return "no full build is on record"
    return f"the last full build was {days} days ago"


def _global_change(connection: Connection, before: Marks) -> str:
    changed = [
        resource_type
        for zone, starts in _GLOBAL.items()
        for resource_type in repository.changed_types(connection, zone, before)
        if resource_type.startswith(starts)
    ]
    return f"{', '.join(sorted(changed))} changed" if changed else ""


def _increment(connection: Connection, before: Marks, marks: Marks) -> Scope:
    repository.find_changed(connection, before, marks)
    repository.keep_news(connection, before, marks)
    records, ties = repository.find_scope(connection)
    if records > _LARGE * ties:
        return Scope(is_increment=False, reason=f"{records} records changed")
    return Scope(is_increment=True, reason=f"{records} records are built again")


def code_hash(project: Path) -> str:
    """Hash the models, what decides what they look at, and the schema they read."""
    digest = hashlib.sha256()
    for folder in (project, Path(__file__).parent, MIGRATIONS):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _SOURCES and "target" not in path.parts:
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
