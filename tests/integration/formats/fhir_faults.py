"""Kinds of faults in FHIR resources: each spoils one place of a valid resource.

A kind takes a random source and a resource of its own; it returns the spoiled JSON, or
None where it finds no place for itself.
"""

import json

from tests.integration.formats.fhir_places import (
    REQUIRED_CODE,
    REQUIRED_DATE,
    REQUIRED_OBJECT,
    is_amount,
    is_bound_code,
    is_date,
    is_list,
    is_moment,
    is_object,
    is_period,
    is_reference,
    is_text,
    is_whole,
    spoiled,
    without,
)

_ELSEWHERE = ("Slot", "NutritionOrder", "Subscription", "VisionPrescription")
_CHOICES = {
    "Condition": ("onsetAge", {"value": 3}),
    "Patient": ("deceasedDateTime", "2026-01-01"),
    "Procedure": ("performedString", "then"),
    "MedicationRequest": ("medicationReference", {"reference": "Medication/m"}),
    "Observation": ("effectivePeriod", {"start": "2026-01-01"}),
}
_MEMBERS = {
    "unknown field": {"colour": "red"},
    "unknown resource type": {"resourceType": "Encountr"},
    "contained resource of unknown type": {
        "contained": [{"resourceType": "Foo", "id": "x"}]
    },
    "profile that is a number": {"meta": {"profile": [5]}},
    "extension without content": {"modifierExtension": [{"url": "http://a"}]},
    "language that is a sentence": {"language": "the language of England"},
    "narrative that is no markup": {"text": {"status": "generated", "div": "plain"}},
}
FAULTS = {}


def fault(function):
    FAULTS[function.__name__.replace("_", " ")] = function
    return function


@fault
def required_code_missing(_rng, resource):
    return without(resource, REQUIRED_CODE)


@fault
def required_object_missing(_rng, resource):
    return without(resource, REQUIRED_OBJECT)


@fault
def required_date_missing(_rng, resource):
    return without(resource, REQUIRED_DATE)


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
def unknown_field_deep_inside(rng, resource):
    return spoiled(rng, resource, is_object, lambda value: {**value, "colour": "red"})


@fault
def resource_type_missing(_rng, resource):
    del resource["resourceType"]
    return json.dumps(resource)


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
def null(rng, resource):
    return spoiled(rng, resource, lambda _p, key, _v: key != "id", None)


@fault
def null_in_an_array(rng, resource):
    return spoiled(rng, resource, is_list, lambda value: [*value, None])


@fault
def address_with_a_blank(rng, resource):
    return spoiled(rng, resource, lambda _p, key, _v: key == "system", "http://a b")


@fault
def extension_with_value_and_extensions(_rng, resource):
    inner = {"url": "b", "valueCode": "c"}
    both = {"url": "http://a", "valueCode": "d", "extension": [inner]}
    return json.dumps({**resource, "extension": [both]})


@fault
def control_character(rng, resource):
    return spoiled(rng, resource, lambda _p, key, _v: key == "display", "a\u0001b")


def emptying(is_place, nothing):
    return lambda rng, resource: spoiled(rng, resource, is_place, lambda _: nothing())


def setting(members):
    return lambda _rng, resource: json.dumps(resource | members)


FAULTS.update({name: setting(members) for name, members in _MEMBERS.items()})
FAULTS["empty text"] = emptying(is_text, str)
FAULTS["empty array"] = emptying(is_list, list)
FAULTS["empty object"] = emptying(is_object, dict)
