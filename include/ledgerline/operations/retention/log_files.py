"""Log files: which are older than they are kept, and their removal."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path


def older(folders: Iterable[Path], before: datetime) -> list[Path]:
    """Return the files below folders that nobody wrote since; follows no link."""
    return sorted(
        path
        for folder in folders
        for root, _, names in os.walk(folder)
        for path in (Path(root, name) for name in names)
        if _is_older(path, before)
    )


def _is_older(path: Path, before: datetime) -> bool:
    try:
        known = path.lstat()
    except FileNotFoundError:  # a running process took it away meanwhile
        return False
    return stat.S_ISREG(known.st_mode) and known.st_mtime < before.timestamp()


def size(files: Iterable[Path]) -> int:
    """Return the bytes that files hold."""
    return sum(path.stat().st_size for path in files if path.exists())


def remove(files: Iterable[Path], folders: Iterable[Path]) -> int:
    """Remove files, links to them, and folders left empty; return how many files."""
    gone = 0
    for path in files:
        path.unlink(missing_ok=True)
        gone += 1
    for folder in folders:
        for root, _, names in os.walk(folder, topdown=False):
            for link in (Path(root, name) for name in names):
                if link.is_symlink() and not link.exists():
                    link.unlink()
            if Path(root) != folder:
                with suppress(OSError):  # not empty
                    Path(root).rmdir()
    return gone
