"""Name the gravest fault of a refused resource: its place and kind, never a value."""

from __future__ import annotations

import re
from typing import Any

from jsonschema_rs import ValidationError

from ledgerline.connectors.formats.fhir.structure.hl7 import field_names
from ledgerline.connectors.formats.fhir.structure.primitives import DATES
from ledgerline.connectors.formats.fhir.structure.schema import exact
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9]{0,50}")
_LOOKS_LIKE_A_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2}(T.*)?)?", re.DOTALL)
_GRAVEST_FIRST = ("additionalProperties", "type", "required", "pattern")
_WORDS = {
    "additionalProperties": "a field that FHIR R4 does not have",
    "const": "a value other than the one required",
    "contains": "a code outside its value set",
    "date": "a date that is on no calendar",
    "dependencies": "a field that another one needs is missing",
    "enum": "a code outside its value set",
    "falseSchema": "a second value where FHIR R4 allows one of a choice",
    "maximum": "a number that is too large",
    "minItems": "an empty array",
    "minLength": "an empty text",
    "minProperties": "an empty object",
    "minimum": "a number that is too small",
    "oneOfMultipleValid": "several values where FHIR R4 demands one of a choice",
    "oneOfNotValid": "no value where FHIR R4 demands one of a choice",
    "pattern": "a text of the wrong form",
    "reference": "a reference to what this element may not refer to",
    "required": "a required field is missing",
    "type": "a value of the wrong type",
}
_CLASSES = {
    "const": RefusalClass.CODE_INVALID,
    "contains": RefusalClass.CODE_INVALID,
    "date": RefusalClass.DATE_INVALID,
    "enum": RefusalClass.CODE_INVALID,
    "reference": RefusalClass.REFERENCE_INVALID,
}


def reason(name: str, resource: dict[str, Any]) -> RecordRefused:
    """Return the refusal of a resource that the exact check of its type refuses."""
    faults = exact(name).iter_errors(resource)
    fault = min(faults, key=lambda fault: _rank(fault.kind.name))
    keyword = _keyword(fault)
    while keyword == "anyOf":
        fault = fault.kind.value[0][0]
        keyword = _keyword(fault)
    path = [_shown(part) for part in fault.instance_path]
    words = _WORDS.get(keyword, "a value that FHIR R4 does not allow")
    return RecordRefused(
        _CLASSES.get(keyword, RefusalClass.CONTRACT_DRIFT),
        f"{'.'.join([name, *path])}: {words}{_named(fault)} [{keyword}]",
    )


def _keyword(fault: ValidationError) -> str:
    keyword: str = fault.kind.name
    if keyword == "pattern":
        if fault.instance_path[-1:] == ["reference"]:
            return "reference"
        is_date = fault.kind.value in DATES
        if is_date and _LOOKS_LIKE_A_DATE.fullmatch(str(fault.instance)):
            return "date"
    return keyword


def _named(fault: ValidationError) -> str:
    """Name the fields at fault, as far as their names are safe to show."""
    if fault.kind.name == "additionalProperties":
        named = dict.fromkeys(_foreign(field) for field in fault.kind.value)
        return f" ({', '.join(named)})"
    if fault.kind.name == "required":
        return f" ({_shown(str(fault.kind.value))})"
    return ""


def _foreign(field: str) -> str:
    """Name a field that R4 has elsewhere; any other name may be a value."""
    return field if field in field_names() else "a name foreign to R4"


def _rank(keyword: str) -> int:
    known = keyword in _GRAVEST_FIRST
    return _GRAVEST_FIRST.index(keyword) if known else len(_GRAVEST_FIRST)


def _shown(part: str | int) -> str:
    if isinstance(part, int):
        return str(part)
    return part if _FIELD.fullmatch(part) else "(unprintable)"
