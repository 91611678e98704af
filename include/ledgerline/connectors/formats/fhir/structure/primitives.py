"""How the primitive types of FHIR R4 are written in JSON, calendar included.

Tighter than HL7's JSON schema, which calls every number a number and knows no month
of 30 days. The patterns need neither backtracking nor looking ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_LEAP = (
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
)
_YEAR = "(?:[0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_DATE = f"(?:{_YEAR}-{_DAY}|{_LEAP}-02-29)"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:[.][0-9]+)?"
_ZONE = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_ID = "[A-Za-z0-9.-]{1,64}"
_PARTIAL = f"{_YEAR}|{_YEAR}-(?:0[1-9]|1[0-2])"
_MIME = "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?: ?;.*)?$"
_LANGUAGE = "^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$"
_SEXTET = r"(?:[0-9A-Za-z+/]\s*)"
_BASE64 = rf"^\s*(?:{_SEXTET}{{4}})*(?:{_SEXTET}{{2}}=\s*=\s*|{_SEXTET}{{3}}=\s*)?$"
_INT_LIMIT = 2**31


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


def _whole(minimum: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": minimum, "maximum": _INT_LIMIT - 1}


_ANY_TEXT = {"type": "string", "minLength": 1}
_ADDRESS = _text(r"^\S+$")

PRIMITIVES: dict[str, dict[str, Any]] = {
    "base64Binary": {**_ANY_TEXT, "pattern": _BASE64},
    "boolean": {"type": "boolean"},
    "canonical": _ADDRESS,
    "code": _text(r"^\S+(?:\s\S+)*$"),
    "date": _text(f"^(?:{_PARTIAL}|{_DATE})$"),
    "dateTime": _text(f"^(?:{_PARTIAL}|{_DATE}(?:T{_CLOCK}{_ZONE})?)$"),
    "decimal": {"type": "number"},
    "id": _text(f"^{_ID}$"),
    "instant": _text(f"^{_DATE}T{_CLOCK}{_ZONE}$"),
    "integer": _whole(-_INT_LIMIT),
    "markdown": _ANY_TEXT,
    "oid": _text("^urn:oid:[0-2](?:[.](?:0|[1-9][0-9]*))+$"),
    "positiveInt": _whole(1),
    "string": _ANY_TEXT,
    "time": _text(f"^{_CLOCK}$"),
    "unsignedInt": _whole(0),
    "uri": _ADDRESS,
    "url": _ADDRESS,
    "uuid": _text(
        "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
    ),
    "xhtml": _text("^\\s*<div[\\s/>]"),
}
DATES = frozenset(
    PRIMITIVES[name]["pattern"] for name in ("date", "dateTime", "instant")
)
_NO_TYPE = "[!-.0-@\\[-^`-~][!-.0-~]*"
"""The last segment but one of an address that names no type of resource there."""
MIME_TYPE = _text(_MIME)
LANGUAGE = _text(_LANGUAGE)


def reference_to(types: Iterable[str]) -> dict[str, Any]:
    """Return the form of a reference that may lead to these types only.

    Relative, absolute, urn, contained, or a search as transactions have them; an
    absolute address that is not one of a FHIR server may lead anywhere.
    """
    either = "|".join(sorted(types))
    served = f"(?:{either})(?:/{_ID}(?:/_history/{_ID})?|[?][!-~]+)"
    elsewhere = f"https?://(?:[!-~]*/)?{_NO_TYPE}/[!-.0-~]*"
    return _text(f"^(?:(?:https?://[!-~]+/)?{served}|#[!-~]*|urn:[!-~]+|{elsewhere})$")
