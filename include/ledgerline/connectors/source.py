"""What a source is: it offers deliveries, tells their formats and reads them.

Landing takes any `Source`. A connector defines one, moves bytes and keeps no state of
its own: what it must remember between runs it leaves with `State`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from ledgerline.canonical.errors import SourceMissing
from ledgerline.connectors.formats.record import FileRefused, Reader, RefusalClass

CHUNK_BYTES = 32 * 8096
"""What is read at once: 32 of the pages in which landing keeps bytes."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One file's worth of bytes that a source offers.

    `name` is its place within the source and becomes the locator. `opened` returns a
    seekable stream, may be called more than once, and may raise FileRefused. `format`
    is given by a source that knows it; else `Source.recognise` decides. Content with
    another number of records than `expected_count` is refused as a whole. What
    `is_said_anew` holds now, and is taken again when the same bytes came before:
    "gone", said once more of a resource that had come back.
    """

    name: str
    opened: Callable[[], AbstractContextManager[BinaryIO]]
    format: str = ""
    expected_count: int | None = None
    is_said_anew: bool = False


class State(Protocol):
    """What a source remembers from run to run: JSON objects by key."""

    def load(self, key: str) -> dict[str, Any] | None:
        """Return what was saved under the key, or None."""

    def save(self, key: str, value: Mapping[str, Any]) -> None:
        """Keep a JSON object; it is committed when this returns."""

    def drop(self, key: str) -> None:
        """Forget the key, whether it was known or not."""

    def shown(self, resource_type: str) -> frozenset[str]:
        """Return the ids of what landed from the source and is not gone since."""


class FormatUnknown(LookupError):
    """The format is not one that this source reads."""


class Source(Protocol):
    """A way in which a system delivers.

    `zone` names the raw schema, raw_<zone>: lower-case letters and digits. `name` is
    the zone, or begins with it and an underscore; it names batches, lock and state.
    An `is_whole` source offers a complete extract: what it brought once and no longer
    offers has vanished.
    """

    @property
    def zone(self) -> str:
        """Where it lands: "ehr", "billing", "erp", "scheduling"."""

    @property
    def name(self) -> str:
        """What it is called: "ehr_fhir", "billing_x12", "scheduling_csv"."""

    @property
    def is_whole(self) -> bool:
        """Whether it offers everything that exists, each time."""

    def deliveries(self, state: State) -> Iterator[Delivery]:
        """Offer what there is.

        When the iterator resumes after a yield, that delivery's bytes and records are
        committed: a watermark moves with `state.save` after the last yield. A process
        that is killed anywhere offers again; the same bytes again change nothing.
        Deletions are offered before the content of the same moment.
        """

    def recognise(self, name: str, head: bytes) -> str:
        """Return the format of a delivery by its name and first decoded bytes.

        Empty when it holds no records. Raises FileRefused for what nobody knows.
        """

    def reader(self, format_name: str) -> Reader:
        """Return the reader of a format; raises FormatUnknown when it is not ours."""


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of an open stream; raises FileRefused when reading fails."""
    try:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise unreadable(error) from error


def unreadable(error: OSError) -> FileRefused:
    """Return the refusal of a file that the system does not let us read."""
    return FileRefused(
        RefusalClass.FILE_UNREADABLE,
        f"the file cannot be read ({os.strerror(error.errno or 0)}); "
        "correct its permissions or deliver it again",
    )


def no_files(where: str) -> SourceMissing:
    """Return what is said of a folder without a single file."""
    return SourceMissing(
        f"{where} has no files; deliver files into it or correct the connection"
    )


def not_a_file() -> FileRefused:
    """Return the refusal of an entry of a folder that is a link or a device."""
    return FileRefused(
        RefusalClass.PATH_TRAVERSAL,
        "the entry is a link or a device, not a file; deliver the file itself",
    )
