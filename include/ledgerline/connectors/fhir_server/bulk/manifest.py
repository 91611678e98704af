"""What an export consists of: the files that its manifest lists, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from ledgerline.canonical.errors import SourceUnavailable

_TYPE = re.compile(r"[A-Za-z]{1,40}")
_UNFIT = re.compile(r"[^0-9A-Za-z]+")
KINDS = ("deleted", "output", "error")
"""In the order of delivery: what is deleted and made again lives again."""


@dataclass(frozen=True, kw_only=True)
class ManifestFile:
    """One file of an export; `name` is its place within the source."""

    url: str
    kind: str
    name: str
    count: int | None


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A complete export, all pages together."""

    transaction_time: str
    is_signed: bool
    files: tuple[ManifestFile, ...]


def assemble(pages: Iterable[Mapping[str, Any]], where: str) -> Manifest:
    """Read the pages of a manifest; raises SourceUnavailable for what is none."""
    held = list(pages)
    first = held[0]
    moment = first.get("transactionTime")
    if not _is_instant(moment):
        raise _broken(where, "has no transactionTime")
    files: list[ManifestFile] = []
    for kind in KINDS:
        listed = [file for page in held for file in _listed(page, kind, where)]
        folder = _UNFIT.sub("-", moment)[:40].strip("-")
        prefix = folder if kind == "output" else f"{folder}/{kind}"
        files += [
            _file(given, kind, f"{prefix}/{number:04}-", where)
            for number, given in enumerate(listed, start=1)
        ]
    return Manifest(
        transaction_time=moment,
        is_signed=any(page.get("requiresAccessToken") is not False for page in held),
        files=tuple(files),
    )


def next_page(page: Mapping[str, Any]) -> str:
    """Return the address of the page after this one; empty for the last."""
    links = page.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url", ""))
    return ""


def _is_instant(moment: Any) -> TypeGuard[str]:  # noqa: ANN401
    try:
        return datetime.fromisoformat(moment).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _listed(page: Mapping[str, Any], kind: str, where: str) -> list[Any]:
    found = page.get(kind) or []
    if not isinstance(found, list):
        raise _broken(where, f"has no list of {kind} files")
    return found


def _file(given: Any, kind: str, prefix: str, where: str) -> ManifestFile:  # noqa: ANN401
    url = given.get("url") if isinstance(given, dict) else None
    if not isinstance(url, str):
        raise _broken(where, "lists a file without an address")
    named = str(given.get("type", ""))
    count = given.get("count")
    return ManifestFile(
        url=url,
        kind=kind,
        name=f"{prefix}{named if _TYPE.fullmatch(named) else 'unknown'}.ndjson",
        count=count if isinstance(count, int) and count >= 0 else None,
    )


def _broken(where: str, why: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"the manifest of the export from {where} {why}; ask the server's operator"
    )
