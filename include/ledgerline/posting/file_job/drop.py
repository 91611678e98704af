"""The drop folder: documents gathered into batches, each file whole or not there.

<path>/spool              ours: documents that no batch holds yet
<path>/sent               ours: every batch as it was given, for good
<path>/given              ours: the batch that holds a document, by its reference
<path>/jobs               the ERP takes batch files from here
<path>/acknowledgements   the ERP puts its answers here
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ledgerline.posting.document import Document, from_payload

_OURS = ("spool", "sent", "given")
_THEIRS = ("jobs", "acknowledgements")


class DropFolder:
    """One folder that the ERP's import job watches."""

    def __init__(self, root: Path, *, batch_limit: int) -> None:
        """Name the folder; nothing is read or written yet."""
        self.root = root
        self.acknowledgements = root / "acknowledgements"
        self._batch_limit = batch_limit

    def prepare(self) -> None:
        """Make what is missing below the folder; the folder itself must be there."""
        for name in (*_OURS, *_THEIRS):
            (self.root / name).mkdir(exist_ok=True)

    def batch_of(self, reference: str) -> str | None:
        """The batch that holds this document; `` while it waits for one; else None."""
        key = _key(reference)
        given = self.root / "given" / key
        if given.exists():
            return given.read_text()
        return "" if (self.root / "spool" / key).exists() else None

    def add(self, document: Document) -> None:
        """Keep the document, once, until its batch is full or its answer is asked."""
        with self._locked():
            if self.batch_of(document.reference) is None:
                name = self.root / "spool" / _key(document.reference)
                _write(name, document.payload())
            if len(self._waiting()) >= self._batch_limit:
                self._close_batch()

    def close_batch(self) -> None:
        """Give the ERP what waits, and what a killed process did not finish giving."""
        with self._locked():
            self._close_batch()

    def _close_batch(self) -> None:
        for path in (self.root / "sent").glob("*.json"):
            if not path.with_suffix(".given").exists():
                self._give(path)
        waiting = self._waiting()
        if not waiting:
            return
        payloads = [json.loads(path.read_bytes()) for path in waiting]
        batch = _batch(payloads)
        path = self.root / "sent" / f"{batch['batch']}.json"
        _write(path, batch)
        self._give(path)

    def _give(self, path: Path) -> None:
        """Put the batch into the ERP's hands; the same batch again is harmless.

        A process that dies here leaves a batch that may be given twice under one
        name: the ERP keeps our references unique.
        """
        batch = json.loads(path.read_bytes())
        _write(self.root / "jobs" / path.name, batch)
        for payload in batch["documents"]:
            key = _key(payload["reference"])
            _write_text(self.root / "given" / key, batch["batch"])
            (self.root / "spool" / key).unlink(missing_ok=True)
        _write_text(path.with_suffix(".given"), "")

    def _waiting(self) -> Sequence[Path]:
        held = sorted((self.root / "spool").glob("[0-9a-f]*"))
        return [path for path in held if not (self.root / "given" / path.name).exists()]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.root / "spool" / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _batch(payloads: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A batch under a name that follows from its content, with control totals."""
    references = [payload["reference"] for payload in payloads]
    digest = hashlib.sha256("\n".join(references).encode()).hexdigest()
    total = sum(from_payload(payload).total_cents for payload in payloads)
    return {
        "batch": f"LL-{digest[:24]}",
        "count": len(payloads),
        "total_cents": total,
        "documents": list(payloads),
    }


def _key(reference: str) -> str:
    return hashlib.sha256(reference.encode()).hexdigest()


def _write(path: Path, content: dict[str, Any]) -> None:
    _write_text(path, json.dumps(content, ensure_ascii=True))


def _write_text(path: Path, text: str) -> None:
    """Write a file that others see whole or not at all, and that survives a crash."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
