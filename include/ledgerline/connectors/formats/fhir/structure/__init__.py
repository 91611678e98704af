"""Check a resource against FHIR R4, and say what is wrong without values.

HL7's JSON schema, tightened by rules that `generate_rules` takes from the models of
fhir.resources, is compiled once for each type; what no single element shows is
checked beside it. Contained resources are checked with the validator of their own
type, so that a reason names the real fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledgerline.connectors.formats.fhir.structure import coherence
from ledgerline.connectors.formats.fhir.structure.hl7 import resource_types
from ledgerline.connectors.formats.fhir.structure.reasons import reason
from ledgerline.connectors.formats.fhir.structure.schema import exact, quick
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

__all__ = ["check"]

_QUICK: dict[str, Callable[[Any], bool]] = {}
"""The quick check of each type that came, at hand."""


def check(resource: Any, text: bytes) -> str:  # noqa: ANN401
    """Return the type of a resource that is valid FHIR R4; `text` is its JSON.

    Raises RecordRefused with the place and the keyword of the gravest fault.
    """
    try:
        name = _structure(resource)
    except ValueError as error:  # of the validator, some 255 levels down
        raise RecordRefused(
            RefusalClass.RESOURCE_LIMIT,
            "the nesting is deeper than the FHIR check follows",
        ) from error
    coherence.check(resource, text)
    return name


def _structure(resource: Any) -> str:  # noqa: ANN401
    name = resource.get("resourceType") if isinstance(resource, dict) else ""
    if not isinstance(name, str) or name not in _QUICK:
        name = _named(resource)
        _QUICK[name] = quick(name).is_valid
    if not _QUICK[name](resource):
        _judge(name, resource)
    if "contained" in resource:
        _check_contained(name, resource["contained"])
    return name


def _named(resource: Any) -> str:  # noqa: ANN401
    if not isinstance(resource, dict):
        raise _invalid(
            "the record is not a JSON object; deliver each resource as one object"
        )
    name = resource.get("resourceType")
    if isinstance(name, str) and name in resource_types():
        return name
    raise _invalid(
        "the resourceType is none of FHIR R4"
        if name and isinstance(name, str)
        else "the record has no resourceType"
    )


def _judge(name: str, resource: dict[str, Any]) -> None:
    if not exact(name).is_valid(resource):
        raise reason(name, resource)
    coherence.check_nulls(resource)


def _check_contained(name: str, contained: list[dict[str, Any]]) -> None:
    for inner in contained:
        if "contained" in inner:
            raise _invalid(f"{name}.contained: a resource inside contains another")
        _structure(inner)


def _invalid(message: str) -> RecordRefused:
    return RecordRefused(RefusalClass.CONTRACT_DRIFT, message)
