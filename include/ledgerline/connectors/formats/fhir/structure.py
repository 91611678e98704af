"""Check a resource against HL7's R4 JSON schema, and say what is wrong without values.

The schema is pruned per resource type: contained resources are checked one by one
with the validator of their own type, so that a reason names the real fault. HL7's
file says nowhere that a complex element is a JSON object; it is taken as if it did.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
import orjson

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9]{0,50}")
_ANY_RESOURCE = {"type": "object", "required": ["resourceType"]}
_CLASSES = {
    "enum": RefusalClass.CODE_INVALID,
    "const": RefusalClass.CODE_INVALID,
}
_GRAVEST_FIRST = ("additionalProperties", "type", "required", "pattern")
_WORDS = {
    "additionalProperties": "a field that FHIR R4 does not have",
    "enum": "a code outside its value set",
    "const": "a value other than the one required",
    "pattern": "a text of the wrong form",
    "required": "a required field is missing",
    "type": "a value of the wrong type",
}


def check(resource: Any) -> str:  # noqa: ANN401
    """Return the type of a resource that has the structure of FHIR R4.

    Raises RecordRefused with the place and the keyword of the gravest fault.
    """
    if not isinstance(resource, dict):
        raise _invalid("the record is not a JSON object")
    name = resource.get("resourceType")
    if not isinstance(name, str) or not name:
        raise _invalid("the record has no resourceType")
    if name not in _resource_types():
        raise _invalid("the resourceType is none of FHIR R4")
    if not validator(name).is_valid(resource):
        raise _reason(name, resource)
    for inner in resource.get("contained", ()):
        check(inner)
    return name


@cache
def validator(resource_type: str) -> jsonschema_rs.Validator:
    """Compile the validator of one resource type, once in a process."""
    definitions = _definitions()
    pruned = {name: definitions[name] for name in _reachable(resource_type)}
    pruned["ResourceList"] = _ANY_RESOURCE
    return jsonschema_rs.validator_for(
        {
            "$schema": "http://json-schema.org/draft-06/schema#",
            "definitions": pruned,
            "$ref": f"#/definitions/{resource_type}",
        }
    )


@cache
def _definitions() -> dict[str, Any]:
    packed = files(__package__).joinpath("fhir_r4_schema.json.gz").read_bytes()
    definitions: dict[str, Any] = orjson.loads(gzip.decompress(packed))["definitions"]
    for definition in definitions.values():
        if "properties" in definition:
            definition["type"] = "object"
            _allow_null_beside_extensions(definition["properties"])
    return definitions


def _allow_null_beside_extensions(properties: dict[str, Any]) -> None:
    """Let arrays of primitives and of their extensions hold null, as FHIR does."""
    for name in [name for name in properties if f"_{name}" in properties]:
        for paired in (properties[name], properties[f"_{name}"]):
            if paired.get("type") == "array":
                paired["items"] = {"anyOf": [paired["items"], {"type": "null"}]}


@cache
def _resource_types() -> frozenset[str]:
    listed = _definitions()["ResourceList"]["oneOf"]
    return frozenset(entry["$ref"].rsplit("/", 1)[1] for entry in listed)


def _reachable(resource_type: str) -> set[str]:
    definitions = _definitions()
    seen: set[str] = {"ResourceList"}
    todo = [resource_type]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(_references(definitions[name]))
    return seen


def _references(node: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            yield target.rsplit("/", 1)[1]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _reason(name: str, resource: dict[str, Any]) -> RecordRefused:
    faults = validator(name).iter_errors(resource)
    fault = min(faults, key=lambda fault: _rank(fault.kind.name))
    keyword = fault.kind.name
    if keyword == "anyOf":
        keyword = fault.kind.value[0][0].kind.name
    place = ".".join([name, *(_shown(part) for part in fault.instance_path)])
    words = _WORDS.get(keyword, "a value that FHIR R4 does not allow")
    extra = ""
    if keyword == "additionalProperties":
        extra = f" ({', '.join(_shown(field) for field in fault.kind.value)})"
    return RecordRefused(
        _CLASSES.get(keyword, RefusalClass.CONTRACT_DRIFT),
        f"{place}: {words}{extra} [{keyword}]",
    )


def _rank(keyword: str) -> int:
    known = keyword in _GRAVEST_FIRST
    return _GRAVEST_FIRST.index(keyword) if known else len(_GRAVEST_FIRST)


def _shown(part: str | int) -> str:
    if isinstance(part, int):
        return str(part)
    return part if _FIELD.fullmatch(part) else "(unprintable)"


def _invalid(message: str) -> RecordRefused:
    return RecordRefused(RefusalClass.CONTRACT_DRIFT, message)
