"""Kinds of faults in FHIR resources: each spoils one place of a valid resource.

A kind is a function of a random source and a resource of its own; it spoils the
resource in place and returns its JSON, or None where it finds no place for itself.
"""

import json
import re
from collections.abc import Iterator

FAULTS = {}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T.*")
_ELSEWHERE = ("Slot", "NutritionOrder", "Subscription", "VisionPrescription")
_REQUIRED_TEXT = {
    **dict.fromkeys(("Encounter", "Claim", "Procedure", "Coverage"), "status"),
    **dict.fromkeys(("Observation", "Immunization"), "status"),
    **{"MedicationRequest": "intent", "ExplanationOfBenefit": "outcome"},
}
_REQUIRED_OBJECT = {
    **{"Encounter": "class", "Condition": "subject", "Claim": "insurance"},
    **{"Coverage": "beneficiary", "Observation": "code", "Procedure": "subject"},
    **{"ExplanationOfBenefit": "insurer", "MedicationRequest": "subject"},
}
_CODES = ("status", "gender", "use", "intent", "mode", "outcome", "comparator")
_CHOICES = {
    "Condition": ("onsetAge", {"value": 3}),
    "Patient": ("deceasedDateTime", "2026-01-01"),
    "Procedure": ("performedString", "then"),
    "MedicationRequest": ("medicationReference", {"reference": "Medication/m"}),
    "Observation": ("effectivePeriod", {"start": "2026-01-01"}),
}
_WHOLE = ("sequence", "rank", "numberOfRepeatsAllowed", "minutesDuration", "order")
_TEXTS = ("display", "text", "family", "title", "description")


def fault(function):
    """Register a kind under its name, which is a sentence."""
    FAULTS[function.__name__.replace("_", " ")] = function
    return function


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


@fault
def required_code_missing(_rng, resource):
    return without(resource, _REQUIRED_TEXT)


@fault
def required_object_missing(_rng, resource):
    return without(resource, _REQUIRED_OBJECT)


@fault
def required_date_missing(_rng, resource):
    return without(
        resource, dict.fromkeys(("Claim", "ExplanationOfBenefit"), "created")
    )


@fault
def required_number_missing_deep_inside(rng, resource):
    items = resource.get("item")
    if not items:
        return None
    del rng.choice(items)["sequence"]
    return json.dumps(resource)


@fault
def required_choice_missing(_rng, resource):
    choices = {
        "MedicationRequest": "medicationCodeableConcept",
        "Immunization": "occurrenceDateTime",
    }
    return without(resource, choices)


@fault
def two_values_of_one_choice(_rng, resource):
    choice = _CHOICES.get(resource["resourceType"])
    if not choice or choice[0] in resource:
        return None
    if not any(key.startswith(choice[0][:5]) for key in resource):
        return None
    resource[choice[0]] = choice[1]
    return json.dumps(resource)


@fault
def code_outside_its_binding(rng, resource):
    return spoiled(rng, resource, is_bound_code, "nonsense")


@fault
def coded_concept_outside_its_binding(rng, resource):
    if "clinicalStatus" not in resource:
        return None
    return spoiled(
        rng,
        resource["clinicalStatus"],
        lambda _parent, key, _value: key == "code",
        "sleeping",
    ) and json.dumps(resource)


@fault
def currency_that_no_country_has(rng, resource):
    return spoiled(rng, resource, lambda _p, key, _v: key == "currency", "DOLLAR")


@fault
def unknown_field(_rng, resource):
    return json.dumps({**resource, "colour": "red"})


@fault
def unknown_field_deep_inside(rng, resource):
    return spoiled(rng, resource, is_object, lambda value: {**value, "colour": "red"})


@fault
def unknown_resource_type(_rng, resource):
    return json.dumps({**resource, "resourceType": "Encountr"})


@fault
def resource_type_missing(_rng, resource):
    del resource["resourceType"]
    return json.dumps(resource)


@fault
def contained_resource_of_unknown_type(_rng, resource):
    return json.dumps({**resource, "contained": [{"resourceType": "Foo", "id": "x"}]})


@fault
def reference_to_a_contained_resource_that_is_not_there(rng, resource):
    return spoiled(rng, resource, is_reference, "#nowhere")


@fault
def reference_to_the_wrong_type(rng, resource):
    return spoiled(
        rng,
        resource,
        is_reference,
        lambda value: f"{rng.choice(_ELSEWHERE)}/{value.rsplit('/', 1)[1]}",
    )


@fault
def absolute_reference_to_the_wrong_type(rng, resource):
    return spoiled(
        rng,
        resource,
        is_reference,
        lambda _value: f"https://ehr.example.org/r4/{rng.choice(_ELSEWHERE)}/1",
    )


@fault
def reference_of_no_form(rng, resource):
    return spoiled(rng, resource, is_reference, "somebody else")


@fault
def date_in_the_order_of_a_country(rng, resource):
    return spoiled(rng, resource, is_date, "01/02/2020")


@fault
def thirty_first_of_february(rng, resource):
    return spoiled(rng, resource, is_date, lambda value: f"2026-02-31{value[10:]}")


@fault
def leap_day_in_another_year(rng, resource):
    return spoiled(rng, resource, is_date, lambda value: f"1900-02-29{value[10:]}")


@fault
def time_without_a_zone(rng, resource):
    return spoiled(rng, resource, is_moment, lambda value: value[:19])


@fault
def hour_twenty_five(rng, resource):
    return spoiled(
        rng, resource, is_moment, lambda value: f"{value[:11]}25{value[13:]}"
    )


@fault
def period_that_ends_before_it_starts(rng, resource):
    def turned(period):
        year = rng.randint(1900, 1950)
        return {**period, "end": f"{year}{period['start'][4:]}"}

    return spoiled(rng, resource, is_period, turned)


@fault
def period_turned_by_a_minute_or_written_end_first(rng, resource):
    start = "2026-03-01T08:00:00Z"
    end = rng.choice(["2026-03-01T07:59:00Z", "2026-03-01T08:59:00+01:01"])
    return spoiled(rng, resource, is_period, {"end": end, "id": "a", "start": start})


@fault
def decimal_in_quotes(rng, resource):
    return spoiled(rng, resource, is_amount, "12.5")


@fault
def number_that_must_be_positive_is_not(rng, resource):
    return spoiled(rng, resource, is_whole, -1)


@fault
def fraction_where_a_whole_number_belongs(rng, resource):
    return spoiled(rng, resource, is_whole, 1.5)


@fault
def number_beyond_thirty_two_bits(rng, resource):
    return spoiled(rng, resource, is_whole, 2**31)


@fault
def number_where_a_text_belongs(rng, resource):
    return spoiled(rng, resource, is_text, 5)


@fault
def boolean_in_quotes(rng, resource):
    return spoiled(rng, resource, lambda _p, _k, v: isinstance(v, bool), "true")


@fault
def text_where_an_object_belongs(rng, resource):
    return spoiled(rng, resource, is_object, "text")


@fault
def object_where_an_array_belongs(rng, resource):
    return spoiled(rng, resource, is_list, lambda value: value[0])


@fault
def array_where_an_object_belongs(rng, resource):
    def is_single(parent, key, value):
        return is_object(parent, key, value) and isinstance(parent, dict)

    return spoiled(rng, resource, is_single, lambda value: [value])


@fault
def identifier_of_sixty_five_characters(rng, resource):
    return json.dumps({**resource, "id": rng.choice("abc1") * 65})


@fault
def identifier_with_other_characters(rng, resource):
    return json.dumps({**resource, "id": rng.choice(["a b", "a/b", "a_b", "é", "a\n"])})


@fault
def empty_text(rng, resource):
    return spoiled(rng, resource, is_text, "")


@fault
def empty_array(rng, resource):
    return spoiled(rng, resource, is_list, lambda _value: [])


@fault
def empty_object(rng, resource):
    return spoiled(rng, resource, is_object, lambda _value: {})


@fault
def null(rng, resource):
    return spoiled(rng, resource, lambda _p, key, _v: key != "id", None)


@fault
def null_in_an_array(rng, resource):
    return spoiled(rng, resource, is_list, lambda value: [*value, None])


@fault
def address_with_a_blank(rng, resource):
    return spoiled(rng, resource, lambda _p, key, _v: key == "system", "http://a b")


@fault
def profile_that_is_a_number(_rng, resource):
    return json.dumps({**resource, "meta": {"profile": [5]}})


@fault
def extension_without_content(_rng, resource):
    return json.dumps({**resource, "modifierExtension": [{"url": "http://a"}]})


@fault
def extension_with_value_and_extensions(_rng, resource):
    inner = {"url": "b", "valueCode": "c"}
    both = {"url": "http://a", "valueCode": "d", "extension": [inner]}
    return json.dumps({**resource, "extension": [both]})


@fault
def language_that_is_a_sentence(_rng, resource):
    return json.dumps({**resource, "language": "the Queen's English"})


@fault
def narrative_that_is_no_markup(_rng, resource):
    return json.dumps({**resource, "text": {"status": "generated", "div": "plain"}})


@fault
def control_character(rng, resource):
    return spoiled(rng, resource, lambda _p, key, _v: key in _TEXTS, "a\u0001b")
