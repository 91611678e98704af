"""A feed whose files a system delivers into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.feeds.formats import reader
from ledgerline.connectors.folder import FolderSource
from ledgerline.connectors.formats.record import FileRefused, RefusalClass


def folder_feed(
    *, zone: str, name: str, endpoint: Endpoint, formats: Mapping[str, str]
) -> FolderSource:
    """Return the folder as a source; `formats` gives a format by file pattern."""

    def recognise(file_name: str, _head: bytes) -> str:
        plain = file_name.removesuffix(".gz").removesuffix(".bz2").rsplit("/", 1)[-1]
        for pattern, format_name in formats.items():
            if fnmatch(plain, pattern):
                return format_name
        raise FileRefused(
            RefusalClass.UNRECOGNISED_FORMAT,
            "the file's name fits no pattern of this feed; remove it or name it so",
        )

    return FolderSource(
        zone=zone, name=name, endpoint=endpoint, recognise=recognise, reader=reader
    )
