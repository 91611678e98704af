"""A contract as the door needs it, read from an ODCS document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledgerline.canonical.errors import ConfigurationInvalid

_OPEN = "openToAddition"
_EVERY = "everyPropertyPresent"
_READ = "checkedWhenRead"
_BEYOND = "beyondReader"


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a record; `logical_type` and `physical_type` are ODCS words.

    `is_beyond_reader` asks for more than what the reader of its entity checks.
    """

    name: str
    logical_type: str
    physical_type: str = ""
    is_required: bool = False
    is_beyond_reader: bool = False
    date_format: str = ""
    properties: tuple[Property, ...] = ()
    items: Property | None = None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What the records of one entity of one zone look like.

    `is_open` contracts name only what the product reads, because a standard of its own
    governs the rest; with the others a property that is not named is drift. Records of
    `is_every_property_present` entities carry every property, empty or not: columns.
    Where `is_checked_when_read`, the format's own reader has refused whatever breaks
    the contract, and the door looks only at what goes beyond the reader. Too many
    refused records of an entity that `closes_gate` close its source's gate.
    """

    zone: str
    entity: str
    version: str
    owner: str
    is_open: bool
    is_every_property_present: bool
    is_checked_when_read: bool
    closes_gate: bool
    properties: tuple[Property, ...]

    def knows(self, name: str) -> bool:
        """Tell whether the contract names this property of the record."""
        return any(each.name == name for each in self.properties)


def read_contract(zone: str, document: Mapping[str, Any]) -> Contract:
    """Return the contract that an ODCS document describes.

    Raises ConfigurationInvalid when it has no version or not exactly one entity.
    """
    described = document.get("schema") or []
    if len(described) != 1 or not document.get("version"):
        raise ConfigurationInvalid(
            f"the contract {document.get('id')} of zone {zone} does not describe "
            "exactly one entity with a version; correct its .odcs.yaml"
        )
    entity = described[0]
    said = _said(entity)
    return Contract(
        zone=zone,
        entity=str(entity.get("physicalName") or entity["name"]),
        version=str(document["version"]),
        owner=str((document.get("team") or {}).get("name", "")),
        is_open=bool(said.get(_OPEN, False)),
        is_every_property_present=bool(said.get(_EVERY, False)),
        is_checked_when_read=bool(said.get(_READ, False)),
        closes_gate=any(
            rule.get("severity") == "error" for rule in entity.get("quality", ())
        ),
        properties=_properties(entity.get("properties", ())),
    )


def _said(described: Mapping[str, Any]) -> dict[str, Any]:
    custom = described.get("customProperties", ())
    return {each["property"]: each["value"] for each in custom}


def _properties(described: Iterable[Mapping[str, Any]]) -> tuple[Property, ...]:
    return tuple(_property(each) for each in described)


def _property(described: Mapping[str, Any]) -> Property:
    items = described.get("items")
    options = described.get("logicalTypeOptions") or {}
    return Property(
        name=str(described.get("name", "item")),
        logical_type=str(described.get("logicalType", "string")),
        physical_type=str(described.get("physicalType", "")),
        is_required=bool(described.get("required", False)),
        is_beyond_reader=bool(_said(described).get(_BEYOND, False)),
        date_format=str(options.get("format", "")),
        properties=_properties(described.get("properties", ())),
        items=_property(items) if items else None,
    )
