"""Read a folder that a source delivers into. Follows no links, opens no devices.

The folder is on this machine, or on an SFTP server: the connection's type tells.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid, SourceMissing
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import (
    Delivery,
    State,
    no_files,
    not_a_file,
    unreadable,
)

SFTP = "sftp"
"""The type of a connection whose folder lies on an SFTP server."""


@dataclass(frozen=True, kw_only=True)
class FolderFile:
    """One file of the folder; `name` is relative to it, with slashes."""

    name: str
    path: Path


def files(endpoint: Endpoint) -> list[FolderFile]:
    """List every file below the endpoint's folder, sorted by name.

    Raises SourceMissing when the folder is not there, cannot be listed or is empty,
    and ConfigurationInvalid when the connection names no folder.
    """
    root = _root(endpoint)
    found = sorted(_walk(root, endpoint), key=lambda file: file.name)
    if not found:
        raise no_files(f"the folder {root} of connection {endpoint.conn_id}")
    return found


@contextmanager
def opened(file: FolderFile) -> Iterator[BinaryIO]:
    """Open a regular file for reading.

    Raises FileRefused for links, devices and files that cannot be read.
    """
    try:
        mode = os.lstat(file.path).st_mode
        if not stat.S_ISREG(mode):
            raise not_a_file()
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise unreadable(error) from error
    with os.fdopen(descriptor, "rb") as stream:
        yield stream


@dataclass(frozen=True, kw_only=True)
class FolderSource:
    """A folder whose every file is a delivery; the formats are the caller's."""

    zone: str
    name: str
    endpoint: Endpoint
    recognise: Callable[[str, bytes], str]
    reader: Callable[[str], Reader]
    is_whole: bool = False

    def deliveries(self, state: State) -> Iterator[Delivery]:
        """Offer every file; of a folder on an SFTP server what is new.

        Raises as `files` and `sftp.deliveries` do, before the first one.
        """
        if self.endpoint.conn_type == SFTP:
            from ledgerline.connectors import sftp

            return sftp.deliveries(self.endpoint, state, is_whole=self.is_whole)
        return map(_delivery, files(self.endpoint))


def _delivery(file: FolderFile) -> Delivery:
    return Delivery(name=file.name, opened=partial(opened, file))


def _root(endpoint: Endpoint) -> Path:
    given = endpoint.extra.get("path")
    if not isinstance(given, str) or not given:
        raise ConfigurationInvalid(
            f"connection {endpoint.conn_id} names no folder; "
            'give it the extra {"path": "/the/folder"}'
        )
    root = Path(given).expanduser()
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise SourceMissing(
            f"the folder {root} of connection {endpoint.conn_id} {what}; "
            "create it or correct the connection"
        )
    return root


def _walk(root: Path, endpoint: Endpoint) -> Iterator[FolderFile]:
    def stop(error: OSError) -> None:
        raise SourceMissing(
            f"the folder {error.filename} of connection {endpoint.conn_id} cannot be "
            f"listed ({error.strerror}); correct its permissions"
        ) from error

    for place, folders, names in os.walk(root, onerror=stop):
        folders.sort()
        linked = [name for name in folders if Path(place, name).is_symlink()]
        for name in [*names, *linked]:
            path = Path(place, name)
            relative = path.relative_to(root).as_posix()
            yield FolderFile(
                name=relative.encode("utf-8", "backslashreplace").decode(), path=path
            )
