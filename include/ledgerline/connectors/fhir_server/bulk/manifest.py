"""What an export consists of: the files that its manifest lists, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from ledgerline.canonical.errors import SourceUnavailable

_TYPE = re.compile(r"[A-Za-z]{1,40}")
_FOLDERS = {
    "deleted": "export/deleted",
    "output": "export",
    "error": "export/error",
}
KINDS = tuple(_FOLDERS)
"""In the order of delivery: what is deleted and made again lives again."""


@dataclass(frozen=True, kw_only=True)
class ManifestFile:
    """One file of an export.

    `name` is its place within the source, the same in every export: a file that came
    incomplete is made good by the next of its name.
    """

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
        numbers: Counter[str] = Counter()
        for given in listed:
            resource_type = _type(given)
            numbers[resource_type] += 1
            place = f"{_FOLDERS[kind]}/{resource_type}.{numbers[resource_type]:03}"
            files.append(_file(given, kind, f"{place}.ndjson", where))
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


def _type(given: Any) -> str:  # noqa: ANN401
    named = given.get("type") if isinstance(given, dict) else None
    is_type = isinstance(named, str) and _TYPE.fullmatch(named)
    return str(named) if is_type else "unknown"


def _file(given: Any, kind: str, name: str, where: str) -> ManifestFile:  # noqa: ANN401
    url = given.get("url") if isinstance(given, dict) else None
    if not isinstance(url, str):
        raise _broken(where, "lists a file without an address")
    count = given.get("count")
    return ManifestFile(
        url=url,
        kind=kind,
        name=name,
        count=count if isinstance(count, int) and count >= 0 else None,
    )


def _broken(where: str, why: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"the manifest of the export from {where} {why}; ask the server's operator"
    )
