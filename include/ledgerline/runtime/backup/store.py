"""Where backups lie: verified copies of the data, and every WAL file since the oldest.

    <folder>/base/<when it was complete, UTC>/    a copy, as pg_basebackup made it
    <folder>/wal/                                 as PostgreSQL archived them

Archiving begins with the first backup: the server looks for `archive` beside its data,
a link to the WAL folder (see postgres.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledgerline.canonical.errors import Fatal
from ledgerline.runtime.host.account import Account, reachable_folder
from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.settings import Settings

_STAMP = "%Y%m%dT%H%M%S.%fZ"


class BackupFailed(Fatal):
    """A backup cannot be taken, or is not what it was when it was taken."""

    code = "BACKUP_FAILED"


@dataclass(frozen=True, kw_only=True)
class Base:
    """One complete copy: any time from `completed_at` on can be restored from it."""

    folder: Path
    completed_at: datetime

    @property
    def first_wal(self) -> str:
        """The oldest WAL file that it needs."""
        label = (self.folder / "backup_label").read_text()
        found = re.search(r"START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)", label)
        if found is None:
            raise BackupFailed(
                f"{self.folder}/backup_label names no WAL file; remove this folder and "
                "take another backup"
            )
        return found[1]


@dataclass(frozen=True, kw_only=True)
class Backups:
    """The backups of one home."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings, account: Account) -> Backups:
        """Find them where the server's account can reach them."""
        return cls(folder=reachable_folder(account, settings.backups))

    @property
    def wal(self) -> Path:
        """Folder of the archived WAL files."""
        return self.folder / "wal"

    def bases(self) -> list[Base]:
        """The complete copies, oldest first."""
        folders = sorted((self.folder / "base").glob("*Z"))
        return [Base(folder=each, completed_at=_read(each.name)) for each in folders]

    def before(self, at: datetime | None) -> Base:
        """The newest copy that was complete by then."""
        bases = self.bases()
        fitting = [each for each in bases if at is None or each.completed_at <= at]
        if fitting:
            return fitting[-1]
        if bases:
            raise BackupFailed(
                f"no backup was complete at {at}; the first to restore from is "
                f"{bases[0].completed_at.isoformat()}: choose a time after it"
            )
        raise BackupFailed(
            f"there is no backup in {self.folder}; take one with `ledgerline backup`, "
            "or set LEDGERLINE_BACKUPS to where they are"
        )

    def prepare(self, server: EmbeddedPostgres) -> Path:
        """Make the folders, begin to archive; return where a new copy is made."""
        for folder in (self.folder, self.folder / "base", self.wal):
            server.account.own(folder)
        # Relative: a copy of the whole home archives into its own backups.
        link, target = server.archive, os.path.relpath(self.wal, server.archive.parent)
        if not link.is_symlink() or str(link.readlink()) != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        partial = self.folder / "base" / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        return partial

    def keep(self, partial: Path, at: datetime) -> Base:
        """Check a copy against its own manifest and give it its name."""
        verify(partial)
        name = at.astimezone(UTC).strftime(_STAMP)
        return Base(folder=partial.rename(partial.with_name(name)), completed_at=at)

    def drop_older(self, server: EmbeddedPostgres, kept: int) -> int:
        """Remove all but the newest copies, and the WAL that only they needed."""
        bases = self.bases()
        for old in bases[:-kept]:
            shutil.rmtree(old.folder)
        oldest = bases[-kept:][0]
        server.call("pg_archivecleanup", str(self.wal), oldest.first_wal)
        return max(len(bases) - kept, 0)


def verify(folder: Path) -> None:
    """Hold every file of a copy against the hashes that it was taken with.

    Not by pg_verifybackup: the one that comes with the wheel does not run. WAL carries
    checksums of its own, which its replay checks.
    """
    try:
        text = (folder / "backup_manifest").read_bytes()
        manifest = json.loads(text)
    except (OSError, ValueError) as error:
        raise _not_whole(folder, "backup_manifest cannot be read") from error
    body = text[: text.rindex(b'"Manifest-Checksum"')]
    if _sha256(body) != manifest["Manifest-Checksum"]:
        raise _not_whole(folder, "backup_manifest is not as it was written")
    for file in manifest["Files"]:
        path = folder / file["Path"]
        if not path.is_file():
            raise _not_whole(folder, f"{file['Path']} is missing")
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found != file["Checksum"]:
            raise _not_whole(folder, f"{file['Path']} is not as it was written")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _not_whole(folder: Path, why: str) -> BackupFailed:
    return BackupFailed(
        f"the backup {folder} is not whole: {why}; restore from another one (an "
        "earlier --at) and take a new backup"
    )


def _read(name: str) -> datetime:
    return datetime.strptime(name, _STAMP).replace(tzinfo=UTC)
