"""Compare a record with its contract, fast: the contract is compiled to a decoder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any

import msgspec

from ledgerline.contracts.contract import Contract, Property

_PARTIAL = r"^\d{4}(-\d{2}(-\d{2}([T ]\d{2}.*)?)?)?$"
_DECIMAL = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_DATES = {
    "": r"^\d{4}-\d{2}-\d{2}$",
    "yyyy-MM-dd": r"^\d{4}-\d{2}-\d{2}$",
    "yyyyMMdd": r"^\d{8}$",
    "yyyy[-MM[-dd]]": _PARTIAL,
}
_PLAIN: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "timestamp": Annotated[str, msgspec.Meta(pattern=_PARTIAL)],
    "time": Annotated[str, msgspec.Meta(pattern=r"^\d{2}:\d{2}")],
}
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_INDEX = re.compile(r"\[[^]]*\]")
_FIELD = re.compile(r"unknown field `|missing required field `([^`]*)`")
_PRINTABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_. -]{0,59}")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Anything(msgspec.Struct, gc=False):
    """A JSON object whose members nobody looks at."""


class Checker:
    """The compiled contract of one entity."""

    def __init__(self, contract: Contract) -> None:
        """Compile it."""
        self.contract = contract
        self._known = frozenset(each.name for each in contract.properties)
        checked = _checked(contract)
        self.is_nothing_left = contract.is_checked_when_read and not checked
        """Whether the reader has checked everything already."""
        self._is_closed = not (contract.is_open or contract.is_checked_when_read)
        self._tolerant = _decoder(contract, checked, is_strict=False)
        self._strict = _decoder(contract, checked, is_strict=self._is_closed)

    def breach(self, body: bytes) -> str:
        """Return what breaks the contract, without values; empty when nothing does."""
        try:
            self._tolerant.decode(body)
        except msgspec.ValidationError as error:
            return self._sentence(str(error))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return "the record is not JSON text in UTF-8 [type]"
        return ""

    def is_exact(self, body: bytes) -> bool:
        """Tell whether nothing breaks the contract and nothing goes beyond it."""
        if self.is_nothing_left:
            return True
        try:
            self._strict.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return True

    def additions(self, body: bytes) -> Iterator[str]:
        """Yield the names of properties that the contract does not know."""
        if not self._is_closed:
            return
        for name in _MEMBERS.decode(body).keys() - self._known:
            yield name if _PRINTABLE.fullmatch(name) else "(unprintable)"

    def _sentence(self, reason: str) -> str:
        found = _PLACE.search(reason)
        place = _INDEX.sub("[]", found[1]) if found else ""
        missing = _FIELD.search(reason)
        if missing and missing[1]:
            name = f"{place}.{missing[1]}" if place else missing[1]
            return f"the required property {name} is missing [missing]"
        if "got `null`" in reason:
            return f"the required property {place} is null [null]"
        return f"the property {place or 'itself'} has the wrong type [type]"


def _checked(contract: Contract) -> tuple[Property, ...]:
    """Return what the door checks: deeper parts and reader's checks left out."""
    checked = contract.properties
    if contract.is_checked_when_read:
        checked = tuple(each for each in checked if each.is_beyond_reader)
    if contract.is_open:
        checked = tuple(replace(each, properties=(), items=None) for each in checked)
    return checked


def _decoder(
    contract: Contract, checked: tuple[Property, ...], *, is_strict: bool
) -> msgspec.json.Decoder[Any]:
    record = _struct(
        contract.entity,
        checked,
        is_every_present=contract.is_every_property_present,
        is_strict=is_strict,
    )
    return msgspec.json.Decoder(record)


def _struct(
    name: str,
    properties: Iterable[Property],
    *,
    is_every_present: bool = False,
    is_strict: bool = False,
) -> Any:  # noqa: ANN401
    fields: list[Any] = []
    names: dict[str, str] = {}
    for number, each in enumerate(properties):
        field = f"field_{number}"
        names[field] = each.name
        if each.is_required:
            fields.append((field, _type(each)))
        elif is_every_present:
            fields.append((field, _type(each) | None))
        else:
            fields.append((field, _type(each) | None, None))
    return msgspec.defstruct(
        re.sub(r"\W", "_", f"_{name}"),
        fields,
        rename=names,
        forbid_unknown_fields=is_strict,
        kw_only=True,
        gc=False,
    )


def _type(each: Property) -> Any:  # noqa: ANN401
    match each.logical_type:
        case "object":
            return _struct(each.name, each.properties) if each.properties else _Anything
        case "array":
            item = _type(each.items) if each.items else msgspec.Raw
            is_bare = each.items is None or each.items.is_required
            return list[item if is_bare else item | None]  # type: ignore[misc]
        case "date":
            pattern = _DATES.get(each.date_format, _PARTIAL)
            return Annotated[str, msgspec.Meta(pattern=pattern)]
        case "number" if each.physical_type == "string":
            return Annotated[str, msgspec.Meta(pattern=_DECIMAL)]
    return _PLAIN.get(each.logical_type, msgspec.Raw)
