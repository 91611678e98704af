"""Snapshots of a loaded server's database, kept beside its virtual environment.

Loading takes most of a minute, restoring two seconds. A snapshot is named for the
extract and the server's version that made it.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

LEVEL = 1
KEPT = 4


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One compressed database."""

    path: Path

    def save(self, database: Path) -> None:
        """Keep the database of a running server, without its secrets."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = database.with_suffix(".copy")
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(database)) as source:
            source.execute("vacuum into ?", (str(draft),))
        with closing(sqlite3.connect(draft)) as copy:
            copy.execute("delete from kv")
            copy.commit()
        packed = database.with_suffix(".packed")
        with draft.open("rb") as plain, gzip.open(packed, "wb", LEVEL) as file:
            shutil.copyfileobj(plain, file, 1 << 20)
        draft.unlink()
        shutil.move(packed, self.path.with_suffix(".new"))
        self.path.with_suffix(".new").replace(self.path)
        self._discard_old()

    def restore(self, database: Path) -> bool:
        """Put the snapshot in the place of the database, if there is one."""
        if not self.path.is_file():
            return False
        database.parent.mkdir(parents=True, exist_ok=True)
        draft = database.with_suffix(".copy")
        try:
            with gzip.open(self.path) as packed, draft.open("wb") as file:
                shutil.copyfileobj(packed, file, 1 << 20)
        except (OSError, EOFError):
            draft.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)
            return False
        draft.replace(database)
        return True

    def _discard_old(self) -> None:
        """Keep the newest snapshots only: an extract that changed does not return."""
        listed = sorted(
            self.path.parent.glob(f"*{''.join(self.path.suffixes)}"),
            key=lambda path: path.stat().st_mtime,
        )
        for path in listed[:-KEPT]:
            path.unlink(missing_ok=True)
