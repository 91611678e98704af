"""Loads the generated extract over the server's own REST interface, once.

What is loaded is remembered by digest, so that another generation sends only what
differs from the last one, and deletes what is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx

BATCH = 400
TIMEOUT = 300.0
Digests = dict[str, str]  # Type/id, digest of its line


class LoadFailed(Exception):
    """The server refused the extract or a part of it."""


def digests(folder: Path) -> Digests:
    """Return the digest of every resource of an extract, in its newest version."""
    return {reference: _digest(line) for reference, line in _lines(folder)}


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()[:16]


def load(folder: Path, held: Digests, base_url: str, token: str) -> int:
    """Make the server hold the extract; return how many entries that took."""
    wanted = digests(folder)
    entries = 0
    headers = {"Authorization": f"Bearer {token}", "Prefer": "return=minimal"}
    with httpx.Client(headers=headers, timeout=TIMEOUT, trust_env=False) as client:
        changes = _changes(folder, wanted, held)
        while some := list(islice(changes, BATCH)):
            bundle = b'{"resourceType":"Bundle","type":"transaction","entry":[%b]}'
            _post(client, base_url, bundle % b",".join(some))
            entries += len(some)
    return entries


def _changes(folder: Path, wanted: Digests, held: Digests) -> Iterator[bytes]:
    for reference, line in _lines(folder):
        if held.get(reference) != wanted[reference] == _digest(line):
            yield b'{"resource":%b,"request":{"method":"PUT","url":"%b"}}' % (
                line,
                reference.encode(),
            )
    for reference in held.keys() - wanted.keys():
        yield b'{"request":{"method":"DELETE","url":"%b"}}' % reference.encode()


def _lines(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("*.ndjson")):
        with path.open("rb") as lines:
            for line in lines:
                resource = json.loads(line)
                yield f"{resource['resourceType']}/{resource['id']}", line.rstrip()


def _post(client: httpx.Client, base_url: str, bundle: bytes) -> None:
    answer = client.post(
        base_url,
        content=bundle,
        headers={"Content-Type": "application/fhir+json"},
        follow_redirects=True,
    )
    if answer.status_code != httpx.codes.OK:
        raise LoadFailed(f"HTTP {answer.status_code}: {answer.text[:300]}")
