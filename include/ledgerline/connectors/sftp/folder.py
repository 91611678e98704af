"""What a folder on an SFTP server offers: every file that is new or has changed."""

from __future__ import annotations

import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, cast

import asyncssh

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import SourceMissing
from ledgerline.connectors.formats.record import FileRefused, RefusalClass
from ledgerline.connectors.sftp.session import Session
from ledgerline.connectors.source import Delivery, State, no_files, not_a_file

_FETCHED = "fetched"
_SAVED_EVERY = 100
_BLOCK_BYTES = 4 * 2**20
_DEEPEST = 32
_SETTLED_SECONDS = 60
"""A file so old cannot change again without another modification time: SFTP tells
whole seconds, and the server's clock may differ from ours."""


@dataclass(frozen=True, kw_only=True)
class _File:
    """One entry of the folder, at any depth; `name` is relative, with slashes."""

    name: str
    path: bytes
    size: int
    modified: int
    is_regular: bool

    @property
    def mark(self) -> list[int]:
        """What differs when the content does."""
        return [self.size, self.modified]


def deliveries(
    endpoint: Endpoint, state: State, *, is_whole: bool
) -> Iterator[Delivery]:
    """Offer each file, sorted by name; all of them when `is_whole`, else the new ones.

    A file is new until its size and time are those with which it was committed. One
    that is written while it is fetched is left for the next run. Raises as
    `Session.run` does, and SourceMissing when the folder is not there or is empty.
    """
    known = state.load(_FETCHED) or {}
    with Session(endpoint) as session:
        files = _listed(session, endpoint)
        there = {file.name for file in files}
        kept = {name: mark for name, mark in known.items() if name in there}
        for number, file in enumerate(files, start=1):
            if is_whole or kept.get(file.name) != file.mark:
                yield from _offered(session, file)
                if time.time() - file.modified > _SETTLED_SECONDS:
                    kept[file.name] = file.mark
            if number % _SAVED_EVERY == 0:
                state.save(_FETCHED, kept)
        state.save(_FETCHED, kept)


def _offered(session: Session, file: _File) -> Iterator[Delivery]:
    if not file.is_regular:
        yield Delivery(name=file.name, opened=partial(_refused, not_a_file()))
        return
    with tempfile.TemporaryFile() as copy:
        try:
            is_complete = session.run(partial(_fetch, file=file, copy=copy))
        except asyncssh.SFTPError as error:
            refusal = FileRefused(
                RefusalClass.FILE_UNREADABLE,
                f"the SFTP server does not give the file ({type(error).__name__}); "
                "correct its permissions or deliver it again",
            )
            yield Delivery(name=file.name, opened=partial(_refused, refusal))
            return
        if is_complete:
            yield Delivery(name=file.name, opened=partial(_rewound, copy))


@contextmanager
def _refused(refusal: FileRefused) -> Iterator[BinaryIO]:
    raise refusal
    yield


@contextmanager
def _rewound(copy: BinaryIO) -> Iterator[BinaryIO]:
    copy.seek(0)
    yield copy


async def _fetch(client: asyncssh.SFTPClient, *, file: _File, copy: BinaryIO) -> bool:
    """Copy the file; False when it is not the one that was listed any more."""
    copy.seek(0)
    copy.truncate()
    async with client.open(file.path, "rb") as remote:
        while (left := file.size + 1 - copy.tell()) > 0:
            block = cast("bytes", await remote.read(min(left, _BLOCK_BYTES)))
            if not block:
                break
            copy.write(block)
        now = await remote.stat()
    return copy.tell() == now.size == file.size and now.mtime == file.modified


def _listed(session: Session, endpoint: Endpoint) -> list[_File]:
    root = str(endpoint.extra.get("path") or ".")
    where = f"the folder {root} of connection {endpoint.conn_id}"
    try:
        files = session.run(partial(_walk, root=root.encode()))
    except asyncssh.SFTPError as error:
        raise SourceMissing(
            f"{where} is not there or cannot be listed ({type(error).__name__}); "
            "correct the path or its permissions"
        ) from error
    if not files:
        raise no_files(where)
    return sorted(files, key=lambda file: file.name)


async def _walk(client: asyncssh.SFTPClient, *, root: bytes) -> list[_File]:
    found, folders = [], [(root, 0)]
    while folders:
        folder, depth = folders.pop()
        async for entry in client.scandir(folder):
            name = cast("bytes", entry.filename)
            if name in {b".", b".."}:
                continue
            path = b"/".join((folder, name))
            mode = entry.attrs.permissions or 0
            if stat.S_ISDIR(mode) and depth < _DEEPEST:
                folders.append((path, depth + 1))
                continue
            relative = path.removeprefix(root).lstrip(b"/")
            found.append(
                _File(
                    name=relative.decode("utf-8", "backslashreplace"),
                    path=path,
                    size=entry.attrs.size or 0,
                    modified=int(entry.attrs.mtime or 0),
                    is_regular=stat.S_ISREG(mode) and b"/" not in name,
                )
            )
    return found
