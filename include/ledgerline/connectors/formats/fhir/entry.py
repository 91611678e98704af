"""What an entry of a Bundle says of its resource: which it is, which version, gone."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

import msgspec

from ledgerline.connectors.formats import strict_json
from ledgerline.connectors.formats.fhir.bundle import Element
from ledgerline.connectors.formats.record import (
    RecordRefused,
    RefusalClass,
    Tombstone,
)

_NAMED = re.compile(
    r"(?:.*/)?([A-Z][A-Za-z]{1,39})/([A-Za-z0-9.-]{1,64})"
    r"(?:/_history/([A-Za-z0-9.-]{1,64}))?"
)
_URN = re.compile(r"urn:(?:uuid|oid):([A-Za-z0-9.-]{1,64})")
_TAG = re.compile(r'(?:W/)?"([A-Za-z0-9.-]{1,64})"')
_OUTCOME = "OperationOutcome"
_METHOD = b'"request"'
_DELETE, _PUT, _PATCH = "DELETE", "PUT", "PATCH"


class _Meta(msgspec.Struct, frozen=True):
    versionId: str = ""
    lastUpdated: str = ""


class _Resource(msgspec.Struct, frozen=True):
    resourceType: str = ""
    id: str = ""
    meta: _Meta = _Meta()


class _Request(msgspec.Struct, frozen=True):
    method: str = ""
    url: str = ""


class _Response(msgspec.Struct, frozen=True):
    etag: str = ""
    lastModified: str = ""


class Entry(msgspec.Struct, frozen=True):
    """The members of an entry that tell of its resource."""

    fullUrl: str = ""
    resource: _Resource = _Resource()
    request: _Request = _Request()
    response: _Response = _Response()

    @property
    def is_deletion(self) -> bool:
        """Whether the resource is gone."""
        return self.request.method == _DELETE

    @property
    def key(self) -> tuple[str, str] | None:
        """Type and id of the resource, None when nothing says them."""
        named = self._named()
        kind = self.resource.resourceType or (named[1] if named else "")
        own = self.resource.id or (named[2] if named else "") or _of_urn(self.fullUrl)
        return (kind, own) if kind and own else None

    @property
    def version(self) -> int | None:
        """The number of the version, None when it has none that is a number."""
        named = _NAMED.fullmatch(self.request.url)
        tag = _TAG.fullmatch(self.response.etag)
        given = (
            self.resource.meta.versionId
            or (named and named[3])
            or (tag and tag[1])
            or ""
        )
        return int(given) if given.isascii() and given.isdecimal() else None

    @property
    def changed_at(self) -> datetime | None:
        """When the resource became what the entry says."""
        given = self.resource.meta.lastUpdated or self.response.lastModified
        try:
            found = datetime.fromisoformat(given)
        except ValueError:
            return None
        return found.replace(tzinfo=found.tzinfo or UTC)

    def _named(self) -> re.Match[str] | None:
        named = None
        if self.request.method in {_DELETE, _PUT}:
            named = _NAMED.fullmatch(self.request.url)
        return named or _NAMED.fullmatch(self.fullUrl)


_ENTRY = msgspec.json.Decoder(Entry)


def entry_of(element: Element) -> Entry:
    """Return what an element says of its resource; nothing where its form is none."""
    try:
        return _ENTRY.decode(element.text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Entry()


def is_deletion(element: Element) -> bool:
    """Tell cheaply whether the resource of an element is gone."""
    return b'"DELETE"' in element.text and entry_of(element).is_deletion


def id_of(element: Element, resource_type: str) -> str:
    """Return the id that an entry gives to a resource without one.

    It is that of `PUT Type/id`, else of the address `fullUrl`; an outcome, which
    nobody refers to, is named by its hash. Raises RecordRefused when there is none.
    """
    strict_json.decode(element.text)
    found = entry_of(element).key
    if found is None and resource_type == _OUTCOME:
        return hashlib.sha256(element.resource).hexdigest()
    if found is None:
        raise RecordRefused(
            RefusalClass.ID_MISSING,
            f"the {resource_type} has no id, and its entry names none: neither fullUrl "
            "nor a request of the form PUT Type/id; deliver it with its id",
        )
    return found[1]


def refuse_contradiction(element: Element, resource_type: str) -> None:
    """Refuse an entry whose request is about another resource than it carries.

    A PATCH carries no resource at all, but what is to be changed in one.
    """
    if _METHOD not in element.text:
        return
    entry = entry_of(element)
    if entry.request.method == _PATCH:
        raise RecordRefused(
            RefusalClass.CONTRACT_DRIFT,
            "the entry is a PATCH: it changes a resource that is not in it; deliver "
            "the whole resource",
        )
    named = _NAMED.fullmatch(entry.request.url)
    if entry.request.method != _PUT or named is None:
        return
    if named[1] != resource_type or entry.resource.id not in {"", named[2]}:
        raise RecordRefused(
            RefusalClass.CONTRACT_DRIFT,
            "the entry's request.url names another resource than it carries; ask the "
            "sender which of both it is",
        )


def deletion(element: Element, *, is_outlived: bool = False) -> Tombstone:
    """Return the tombstone of an entry; raises RecordRefused when it deletes no one."""
    strict_json.decode(element.text)
    entry = entry_of(element)
    url = entry.request.url
    found = entry.key if "?" not in url else None
    if not entry.is_deletion or found is None:
        raise RecordRefused(
            RefusalClass.CONTRACT_DRIFT,
            "the entry of a deletion names no DELETE of one resource; deliver it as "
            "DELETE Type/id",
        )
    return Tombstone(
        resource_type=found[0],
        resource_id=found[1],
        byte_offset=element.offset,
        byte_length=element.length,
        is_outlived=is_outlived,
    )


def _of_urn(full_url: str) -> str:
    found = _URN.fullmatch(full_url)
    return found[1] if found else ""
