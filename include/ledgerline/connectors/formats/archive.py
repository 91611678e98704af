"""Say why an archive is refused. None is unpacked; the worst that it holds decides.

A zip or tar file is no container of records here: whoever delivers it unpacks it.
Names that lead out of a folder, links, devices and bombs are told apart, because
they are somebody's attack and not somebody's mistake.
"""

from __future__ import annotations

import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from ledgerline.connectors.formats.record import FileRefused, RefusalClass

RATIO_LIMIT = 100
"""Inflated bytes allowed for each compressed byte, above the floor."""
RATIO_FLOOR = 64 * 1024 * 1024
"""Inflated bytes that any file may have, whatever its ratio."""
_MOST_INSPECTED = 256 * 1024 * 1024
_MOST_INFLATED = 512 * 1024 * 1024
_MOST_MEMBERS = 100_000
_IN_MEMORY = 4 * 1024 * 1024
_STEP = 1024 * 1024
_TAR_MAGIC_AT = 257
_ZIP = b"PK\x03\x04"
_KINDS = {
    _ZIP: "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\xfd7zXZ\x00": "xz-compressed",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
}


def kind_of(head: bytes) -> str:
    """Return what kind of archive begins with `head`, empty when it is none."""
    if head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar":
        return "a tar archive"
    return next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), "")


def refusal(kind: str, head: bytes, rest: Iterable[bytes]) -> FileRefused:
    """Return why the archive, whose bytes are `head` and `rest`, is refused."""
    inspect = {"a zip archive": _inspect_zip, "a tar archive": _inspect_tar}.get(kind)
    if inspect:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            if _spooled(spool, head, rest):
                try:
                    inspect(spool)
                except FileRefused as refused:
                    return refused
    return FileRefused(
        RefusalClass.UNSUPPORTED_CONTAINER,
        f"the file is {kind}; unpack it and deliver the files inside",
    )


def inflates_too_far(given: int, taken: int) -> bool:
    """Tell whether `given` bytes are too many for `taken` compressed ones."""
    return given > RATIO_FLOOR and given > RATIO_LIMIT * taken


def too_far() -> FileRefused:
    """Return the refusal of a bomb."""
    return FileRefused(
        RefusalClass.RESOURCE_LIMIT,
        f"the file inflates to more than {RATIO_LIMIT} times its size; "
        "it is not read further",
    )


def damaged() -> FileRefused:
    """Return the refusal of compression or an archive that is broken."""
    return FileRefused(
        RefusalClass.CONTAINER_CORRUPT,
        "the compressed file is damaged; deliver it again",
    )


def _spooled(spool: IO[bytes], head: bytes, rest: Iterable[bytes]) -> bool:
    size = len(head)
    spool.write(head)
    for chunk in rest:
        size += len(chunk)
        if size > _MOST_INSPECTED:
            return False
        spool.write(chunk)
    spool.seek(0)
    return True


def _inspect_zip(spool: IO[bytes]) -> None:
    size = spool.seek(0, 2)
    try:
        with zipfile.ZipFile(spool) as archive:
            members = archive.infolist()
            _check_count(len(members))
            for member in members:
                # what the archive says, before the library made it harmless
                _check_name(member.orig_filename)
                if stat.S_ISLNK(member.external_attr >> 16):
                    raise _outside()
            _check_ratio(archive, size)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise damaged() from error
    except (NotImplementedError, RuntimeError):
        return


def _check_ratio(archive: zipfile.ZipFile, size: int) -> None:
    given = 0
    for member in archive.infolist():
        with archive.open(member) as stream:
            while chunk := stream.read(_STEP):
                given += len(chunk)
                if inflates_too_far(given, size):
                    raise too_far()
                if given > _MOST_INFLATED:
                    return


def _inspect_tar(spool: IO[bytes]) -> None:
    try:
        with tarfile.open(fileobj=spool, mode="r:") as archive:
            for count, member in enumerate(archive):
                _check_count(count)
                _check_name(member.name)
                if not (member.isreg() or member.isdir()):
                    raise _outside()
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise damaged() from error


def _check_count(count: int) -> None:
    if count > _MOST_MEMBERS:
        raise FileRefused(
            RefusalClass.RESOURCE_LIMIT,
            f"the archive has more than {_MOST_MEMBERS} members",
        )


def _check_name(name: str) -> None:
    paths = (PurePosixPath(name), PureWindowsPath(name))
    if any(path.anchor or ".." in path.parts for path in paths):
        raise _outside()


def _outside() -> FileRefused:
    return FileRefused(
        RefusalClass.PATH_TRAVERSAL,
        "the archive holds a link, a device or a name outside of its folder; it is "
        "refused whole",
    )
