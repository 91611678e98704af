"""Compile the check of one resource type: HL7's schema, tightened by our rules.

Two checks are compiled of each type. The quick one is stricter than FHIR where that
is cheaper: it takes no null, no element that consists of extensions only, and no
`id` inside an extension. What it refuses, the exact one judges.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs

from ledgerline.connectors.formats.fhir.structure.hl7 import (
    hl7_definitions,
    referenced,
    resource_types,
    target_of,
    unpacked,
)
from ledgerline.connectors.formats.fhir.structure.primitives import (
    LANGUAGE,
    MIME_TYPE,
    PRIMITIVES,
    reference_to,
)

_Schema = dict[str, Any]
_CONTAINED: _Schema = {"type": "object", "required": ["resourceType"]}
_NEEDS = {
    "ContactPoint": {"value": ["system"]},
    "Attachment": {"data": ["contentType"]},
}
"""Invariants cpt-2 and att-1."""
_BASE64 = r"^(\s*([0-9a-zA-Z\+/=]){4}\s*)+$"
_URL_AND_CONTENT = 2
"""Members of an extension: its url, and a value or extensions."""


@cache
def quick(resource_type: str) -> jsonschema_rs.Validator:
    """Return the check that nearly every resource passes; once in a process."""
    return _compiled(resource_type, is_exact=False)


@cache
def exact(resource_type: str) -> jsonschema_rs.Validator:
    """Return the check whose refusal stands; once in a process."""
    return _compiled(resource_type, is_exact=True)


def _compiled(resource_type: str, *, is_exact: bool) -> jsonschema_rs.Validator:
    tight = _Tightened(is_exact=is_exact)
    todo, done = [resource_type], set()
    while todo:
        name = todo.pop()
        if name not in done:
            done.add(name)
            todo.extend(set(referenced(tight.definition(name))) - done)
    return jsonschema_rs.validator_for(
        {
            "$schema": "http://json-schema.org/draft-06/schema#",
            "definitions": {name: tight.definition(name) for name in done},
            "$ref": f"#/definitions/{resource_type}",
        },
        pattern_options=jsonschema_rs.RegexOptions(),
    )


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = unpacked("fhir_r4_rules.json.gz")
    return rules


class _Tightened:
    """Makes tightened definitions, by name, as they are asked for."""

    def __init__(self, *, is_exact: bool) -> None:
        self._is_exact = is_exact
        self._made: dict[str, _Schema] = {"ResourceList": _CONTAINED}

    def definition(self, name: str) -> _Schema:
        """Return the definition `name`, or `Reference:` with its types."""
        if name not in self._made:
            made = PRIMITIVES.get(name) or self._complex(*name.partition(":")[::2])
            self._made[name] = made
        return self._made[name]

    def _complex(self, name: str, types: str) -> _Schema:
        given = hl7_definitions()[name]
        made: _Schema = {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {
                field: self._element(name, field, schema, given["properties"])
                for field, schema in given["properties"].items()
            },
        }
        if name == "Reference":
            _narrow(made["properties"], _targets(types))
        if name == "Extension" and not self._is_exact:
            made["minProperties"] = made["maxProperties"] = _URL_AND_CONTENT
        self._demand(made, name, given)
        return made

    def _element(
        self, owner: str, field: str, schema: _Schema, siblings: _Schema
    ) -> _Schema:
        inner = self._value(owner, field, schema.get("items", schema))
        if schema.get("type") != "array":
            return inner
        if self._is_exact and (field.startswith("_") or f"_{field}" in siblings):
            inner = {"anyOf": [inner, {"type": "null"}]}
        if field == "extension" and owner in resource_types():
            return {"type": "array", "items": inner}
        return {"type": "array", "minItems": 1, "items": inner}

    def _value(self, owner: str, field: str, schema: _Schema) -> _Schema:
        rules = _rules()
        codes = rules["codes"].get(owner, {}).get(field) or schema.get("enum")
        if codes:
            return {"enum": codes}
        concepts = rules["concepts"].get(owner, {}).get(field)
        if concepts:
            return _bound(schema, concepts)
        target = target_of(schema)
        if target == "Reference":
            types = rules["references"].get(owner, {}).get(field, ["Resource"])
            return {"$ref": f"#/definitions/Reference:{','.join(types)}"}
        return self._code(field) if target == "code" else _inlined(schema)

    def _code(self, field: str) -> _Schema:
        """Return the codes that FHIR takes from standards of others."""
        if field == "currency":
            return self._one_of_many(_rules()["currencies"])
        named = {"language": LANGUAGE, "contentType": MIME_TYPE}
        return named.get(field, PRIMITIVES["code"])

    def _one_of_many(self, codes: list[str]) -> _Schema:
        """Return a long list of codes: looked up one by one only by the exact check."""
        if self._is_exact:
            return {"enum": codes}
        return {"type": "string", "pattern": f"^(?:{'|'.join(codes)})$"}

    def _demand(self, made: _Schema, name: str, given: _Schema) -> None:
        required = list(given.get("required", []))
        conditions: list[_Schema] = []
        for field in _rules()["required"].get(name, []):
            if self._is_exact and f"_{field}" in made["properties"]:
                conditions.append(_present(field, f"_{field}"))
            elif field not in required:
                required.append(field)
        dependencies: dict[str, Any] = dict(_NEEDS.get(name, {}))
        for choice in _rules()["choices"].get(name, []):
            if name == "Extension":
                conditions.extend(self._one_content(choice["names"]))
            elif choice["required"]:
                conditions.append({"oneOf": self._each(made, choice["names"])})
            else:
                dependencies.update(_exclusive(choice["names"]))
        made |= {"required": required} if required else {}
        made |= {"allOf": conditions} if conditions else {}
        made |= {"dependencies": dependencies} if dependencies else {}

    def _each(self, made: _Schema, names: list[str]) -> list[_Schema]:
        if not self._is_exact:
            return [_present(name) for name in names]
        fields = made["properties"]
        return [
            _present(name, *([f"_{name}"] if f"_{name}" in fields else []))
            for name in names
        ]

    def _one_content(self, values: list[str]) -> list[_Schema]:
        """Demand of an extension either a value or extensions, invariant ext-1."""
        if not self._is_exact:
            return []
        given = hl7_definitions()["Extension"]["properties"]
        return [{"oneOf": self._each({"properties": given}, ["extension", *values])}]


def _present(*names: str) -> _Schema:
    if len(names) == 1:
        return {"required": list(names)}
    return {"anyOf": [{"required": [name]} for name in names]}


def _exclusive(names: list[str]) -> dict[str, _Schema]:
    """Forbid, for each name that is present, those that come after it."""
    return {
        name: {"properties": dict.fromkeys(names[place:], False)}
        for place, name in enumerate(names[:-1], start=1)
    }


def _targets(types: str) -> list[str]:
    named = [name for name in types.split(",") if name in resource_types()]
    is_any = not types or "Resource" in types.split(",")
    return sorted(resource_types()) if is_any else named


def _narrow(properties: _Schema, types: list[str]) -> None:
    """Let a reference lead to these types only."""
    properties["reference"] = reference_to(types)
    either = "|".join(types)
    canonical = "http://hl7[.]org/fhir/StructureDefinition/"
    properties["type"] = {
        "type": "string",
        "pattern": f"^(?:(?:{canonical})?(?:{either})|(?:https?|urn):[!-~]+)$",
    }


def _bound(schema: _Schema, codes: list[str]) -> _Schema:
    """Demand a coding of a value set whose binding is required."""
    coded = {"properties": {"code": {"enum": codes}}, "required": ["code"]}
    return {"allOf": [schema, {"properties": {"coding": {"contains": coded}}}]}


def _inlined(schema: _Schema) -> _Schema:
    """Replace a primitive, named or written out by HL7, by our own form of it."""
    name = target_of(schema) or _written_out().get(schema.get("pattern", ""), "")
    if name in PRIMITIVES:
        return PRIMITIVES[name]
    return {key: value for key, value in schema.items() if key != "description"}


@cache
def _written_out() -> dict[str, str]:
    """Return HL7's patterns by the name of their primitive."""
    found = {
        schema["pattern"]: name
        for name, schema in hl7_definitions().items()
        if "pattern" in schema
    }
    return {_BASE64: "base64Binary", **found}
