"""Places in a FHIR resource that a fault can spoil, and how one is chosen."""

import json
import re
from collections.abc import Iterator

REQUIRED_DATE = dict.fromkeys(("Claim", "ExplanationOfBenefit"), "created")
REQUIRED_CODE = {
    **dict.fromkeys(("Encounter", "Claim", "Procedure", "Coverage"), "status"),
    **dict.fromkeys(("Observation", "Immunization"), "status"),
    **{"MedicationRequest": "intent", "ExplanationOfBenefit": "outcome"},
}
REQUIRED_OBJECT = {
    **{"Encounter": "class", "Condition": "subject", "Claim": "insurance"},
    **{"Coverage": "beneficiary", "Observation": "code", "Procedure": "subject"},
    **{"ExplanationOfBenefit": "insurer", "MedicationRequest": "subject"},
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T.*")
_CODES = ("status", "gender", "use", "intent", "mode", "outcome", "comparator")
_WHOLE = ("sequence", "rank", "numberOfRepeatsAllowed", "minutesDuration", "order")


def places(node) -> Iterator[tuple]:
    """Yield every (parent, key, value) of a resource but extensions and narrative."""
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in inner:
        if key not in {"extension", "text", "meta", "resourceType"}:
            yield node, key, value
            if isinstance(value, dict | list):
                yield from places(value)


def spoiled(rng, resource, is_place, replacement):
    """Replace one place, chosen at random; `replacement` may be a function."""
    found = [place for place in places(resource) if is_place(*place)]
    if not found:
        return None
    parent, key, value = rng.choice(found)
    parent[key] = replacement(value) if callable(replacement) else replacement
    return json.dumps(resource)


def without(resource, fields):
    field = fields.get(resource["resourceType"])
    if field not in resource:
        return None
    del resource[field]
    return json.dumps(resource)


def is_object(_parent, key, value):
    return isinstance(value, dict) and key != "div"


def is_text(_parent, key, value):
    return isinstance(key, str) and isinstance(value, str)


def is_date(_parent, key, value):
    return is_text(_parent, key, value) and _DATE.match(value) and key != "value"


def is_moment(_parent, key, value):
    return is_text(_parent, key, value) and _MOMENT.fullmatch(value)


def is_period(_parent, _key, value):
    return isinstance(value, dict) and {"start", "end"} <= value.keys()


def is_amount(parent, key, value):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return key == "value" and is_number and isinstance(parent, dict)


def is_whole(parent, key, value):
    is_dosage = key == "sequence" and "productOrService" not in parent
    return key in _WHOLE and isinstance(value, int) and not is_dosage


def is_bound_code(parent, key, value):
    return key in _CODES and isinstance(value, str) and "reference" not in parent


def is_reference(_parent, key, value):
    return key == "reference" and re.fullmatch(r"[A-Z]\w+/\S+", str(value))


def is_list(parent, key, value):
    return isinstance(value, list) and isinstance(key, str) and bool(value)
