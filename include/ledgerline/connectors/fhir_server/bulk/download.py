"""Fetch the files of an export, several at once, and hand them on one by one."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import orjson

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.fhir_server.bulk.job import ExportGone
from ledgerline.connectors.fhir_server.bulk.manifest import ManifestFile
from ledgerline.connectors.fhir_server.connection.origin import shown
from ledgerline.connectors.fhir_server.connection.outcome import is_grave
from ledgerline.connectors.fhir_server.transport.client import FhirClient
from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.lines import Line, lines
from ledgerline.connectors.formats.record import FileRefused

log = logging.getLogger(__name__)

_CHUNK_BYTES = 256 * 1024
_HTML = (b"<!doctype", b"<html")


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file of the export on this machine, without a name in any folder.

    So nothing of it is left behind when the process is killed.
    `is_cut`: it ends in the middle of a record, twice. `is_short`: it holds another
    number of records than the manifest says, or says itself that something failed.
    """

    file: ManifestFile
    held: BinaryIO
    is_cut: bool = False
    is_short: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether everything came that the server means to give."""
        return not (self.is_cut or self.is_short)

    def opened(self) -> BinaryIO:
        """Open the file from its start, as often as it is called."""
        return _path(self.held).open("rb")


def fetch_all(
    client: FhirClient, files: Sequence[ManifestFile], *, is_signed: bool
) -> Iterator[Fetched]:
    """Yield every file in order, a few fetched ahead; each is gone afterwards."""
    ahead: deque[Future[Fetched]] = deque()
    at_once = client.options.files_in_parallel
    executor = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="fetch")
    try:
        for file in files:
            ahead.append(executor.submit(_fetch, client, file, is_signed))
            if len(ahead) >= at_once:
                yield from _handed(ahead.popleft().result())
        while ahead:
            yield from _handed(ahead.popleft().result())
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        _close_all(ahead)


def _close_all(ahead: Iterable[Future[Fetched]]) -> None:
    for future in ahead:
        if not future.cancelled() and not future.exception():
            future.result().held.close()


def _handed(fetched: Fetched) -> Iterator[Fetched]:
    try:
        yield fetched
    finally:
        fetched.held.close()


def _fetch(client: FhirClient, file: ManifestFile, is_signed: bool) -> Fetched:
    held = TemporaryFile(prefix="ledgerline-")  # noqa: SIM115
    try:
        _download(client, file, _path(held), is_signed)
        found = _inspected(file, held)
        if not found.is_whole:
            log.warning("%s came incomplete; fetching it once more", file.name)
            _download(client, file, _path(held), is_signed)
            found = _inspected(file, held)
    except BaseException:
        held.close()
        raise
    return found


def _path(held: BinaryIO) -> Path:
    return Path(f"/proc/self/fd/{held.fileno()}")


def _download(
    client: FhirClient, file: ManifestFile, path: Path, is_signed: bool
) -> None:
    answer = client.download(file.url, path, is_signed=is_signed)
    if answer.status in {401, 403, 404, 410}:
        raise ExportGone
    if answer.status != 200:
        raise SourceUnavailable(
            f"{client.options.where} does not give the file {shown(file.url)} (HTTP "
            f"{answer.status}); run again, and ask the server's operator if it stays so"
        )
    with path.open("rb") as stream:
        head = stream.read(64).lstrip().lower()
    if head.startswith(_HTML):
        raise SourceUnavailable(
            f"{client.options.where} gives a web page in place of {shown(file.url)}; "
            "see whether a proxy or a sign-in page stands in front of it"
        )


def _inspected(file: ManifestFile, held: BinaryIO) -> Fetched:
    """Count the records of a file and look at its end and its outcomes."""
    count, last, says_failed = 0, None, False
    try:
        with _path(held).open("rb") as stream:
            for line in lines(
                container.decode(iter(partial(stream.read, _CHUNK_BYTES), b""))
            ):
                count, last = count + 1, line
                says_failed |= file.kind == "error" and _is_grave(line)
    except FileRefused:
        return Fetched(file=file, held=held, is_short=True)
    is_counted = file.kind != "deleted" and file.count is not None
    return Fetched(
        file=file,
        held=held,
        is_cut=last is not None and not last.is_complete and _is_cut(last),
        is_short=(is_counted and count != file.count) or says_failed,
    )


def _is_cut(line: Line) -> bool:
    try:
        orjson.loads(line.text or b"null")
    except orjson.JSONDecodeError:
        return True
    return False


def _is_grave(line: Line) -> bool:
    try:
        document = orjson.loads(line.text or b"null")
    except orjson.JSONDecodeError:
        return True
    return isinstance(document, dict) and is_grave(document)
