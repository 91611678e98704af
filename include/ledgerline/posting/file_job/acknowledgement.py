"""Acknowledgements: what the ERP did with each document of a batch."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ledgerline.posting.document import Document, from_payload

log = logging.getLogger(__name__)

ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the ERP did with one document; `document` is what it holds, if accepted."""

    batch: str
    reference: str
    is_accepted: bool
    erp_document: str = ""
    document: Document | None = None
    reason_code: str = ""


class Acknowledgements:
    """A folder of acknowledgements; a file is parsed again only when it changed."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read yet."""
        self._folder = folder
        self._parsed: dict[Path, tuple[tuple[int, int, int], list[Result]]] = {}

    def results(self) -> Iterator[Result]:
        """Return what every whole acknowledgement says, oldest name first.

        A file that is cut, does not parse or counts otherwise than it says is still
        being written, as far as we know: it says nothing yet.
        """
        for path in sorted(self._folder.glob("*.json")):
            try:
                found = self._read(path)
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                log.warning("ACKNOWLEDGEMENT_CUT: %s is not whole; it waits", path.name)
                continue
            yield from found

    def _read(self, path: Path) -> list[Result]:
        seen = path.stat()
        stamp = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
        known = self._parsed.get(path)
        if known is None or known[0] != stamp:
            known = self._parsed[path] = (stamp, _parsed(path))
        return known[1]


def _parsed(path: Path) -> list[Result]:
    told = json.loads(path.read_bytes())
    found = [_result(told["batch"], row) for row in told["results"]]
    if told["count"] != len(found):
        raise ValueError(path.name)
    return found


def _result(batch: str, row: dict[str, object]) -> Result:
    status = row["status"]
    if status == REJECTED:
        return Result(
            batch=batch,
            reference=str(row["reference"]),
            is_accepted=False,
            reason_code=str(row["reason_code"]),
        )
    if status != ACCEPTED or not row["erp_document"]:
        raise ValueError(status)
    document = from_payload(row["document"])  # type: ignore[arg-type]
    return Result(
        batch=batch,
        reference=document.reference,
        is_accepted=True,
        erp_document=str(row["erp_document"]),
        document=document,
    )
