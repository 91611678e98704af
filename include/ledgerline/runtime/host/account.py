"""The unprivileged account that runs servers when we are root.

PostgreSQL refuses to run as root. The account must be able to reach its binaries and
its data, which it cannot below a folder such as /root or a private temporary folder;
then both live under /var/lib/ledgerline instead.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ledgerline.canonical.errors import ConfigurationInvalid

FALLBACK = Path("/var/lib/ledgerline")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom a server runs as: nobody special unless we are root."""

    uid: int | None = None
    gid: int | None = None

    @property
    def process_options(self) -> dict[str, object]:
        """Keyword arguments for `subprocess` that drop to this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Create a private folder that belongs to this account."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file or folder with its owner and modes."""
        subprocess.run(  # noqa: S603
            ["/bin/cp", "-a", str(source), str(target)], check=True
        )

    def touch(self, path: Path) -> None:
        """Create an empty private file that belongs to this account."""
        path.touch(mode=0o600)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Tell whether this account can enter every folder down to `path`."""
        if self.uid is None:
            return True
        found = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", 'test -x "$0"', str(path)],
            check=False,
            **self.process_options,  # type: ignore[call-overload]
        )
        return bool(found.returncode == 0)


def server_account() -> Account:
    """Return the account for servers: ourselves, or `postgres`/`nobody` for root."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise ConfigurationInvalid(
        "PostgreSQL cannot run as root and this machine has neither a postgres nor a "
        "nobody account; run as an ordinary user or set AIRFLOW_CONN_WAREHOUSE"
    )


def reachable_folder(account: Account, wanted: Path) -> Path:
    """Return `wanted`, or its stand-in under /var/lib when the account cannot enter.

    The stand-in's path is kept in `<wanted>.location`: who removes the home starts
    over, and never meets the data of an earlier home of the same name.
    """
    pointer = wanted.with_name(f"{wanted.name}.location")
    if pointer.exists():
        return Path(pointer.read_text())
    parent = next(path for path in wanted.parents if path.exists())
    if account.reaches(parent):
        return wanted
    stand_in = FALLBACK / secrets.token_hex(6)
    pointer.parent.mkdir(parents=True, exist_ok=True)
    pointer.write_text(str(stand_in))
    return stand_in


def reachable_binaries(account: Account, binaries: Path) -> Path:
    """Return `binaries`, or a copy under /var/lib when the account cannot enter."""
    if account.reaches(binaries / "postgres"):
        return binaries
    installation = binaries.parent
    stat = (binaries / "postgres").stat()
    mark = f"{installation}:{stat.st_size}:{stat.st_mtime_ns}"
    copy = FALLBACK / f"postgres-{hashlib.sha256(mark.encode()).hexdigest()[:12]}"
    if not (copy / "bin" / "postgres").exists():
        partial = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installation, partial, symlinks=True)
        partial.chmod(0o755)
        try:
            partial.rename(copy)
        except OSError:  # another process made the same copy first
            shutil.rmtree(partial)
    return copy / "bin"
