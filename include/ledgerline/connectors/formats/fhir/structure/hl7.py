"""HL7's R4 JSON schema as published, and how to find one's way in it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import orjson


@cache
def hl7_definitions() -> dict[str, Any]:
    """Return HL7's definitions by name; not to be changed."""
    definitions: dict[str, Any] = unpacked("fhir_r4_schema.json.gz")["definitions"]
    return definitions


@cache
def resource_types() -> frozenset[str]:
    """Return the names of all resources of R4."""
    listed = hl7_definitions()["ResourceList"]["oneOf"]
    return frozenset(target_of(entry) for entry in listed)


@cache
def field_names() -> frozenset[str]:
    """Return the names that fields have anywhere in R4."""
    return frozenset(
        field
        for definition in hl7_definitions().values()
        for field in definition.get("properties", {})
    )


def target_of(schema: dict[str, Any]) -> str:
    """Return the definition that an element, or each item of it, must follow."""
    target: str = schema.get("items", schema).get("$ref", "")
    return target.rsplit("/", 1)[-1]


def referenced(node: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield the names of the definitions that a schema refers to."""
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            yield target.rsplit("/", 1)[1]
        for value in node.values():
            yield from referenced(value)
    elif isinstance(node, list):
        for value in node:
            yield from referenced(value)


def unpacked(name: str) -> Any:  # noqa: ANN401
    """Read one of the JSON files beside this module."""
    packed = files(__package__).joinpath(name).read_bytes()
    return orjson.loads(gzip.decompress(packed))
