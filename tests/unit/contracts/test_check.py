"""What a contract lets through, what breaks it, and what goes beyond it."""

import json

import pytest

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.contracts.check import Checker
from ledgerline.contracts.contract import read_contract

SHIFT = {
    "id": "shift",
    "version": "1.2.0",
    "team": {"name": "workforce"},
    "schema": [
        {
            "name": "shift",
            "customProperties": [{"property": "everyPropertyPresent", "value": True}],
            "properties": [
                {"name": "shift_id", "logicalType": "string", "required": True},
                {"name": "unit", "logicalType": "string"},
                {"name": "hours", "logicalType": "number", "physicalType": "string"},
                {"name": "worked_on", "logicalType": "date"},
                {"name": "count", "logicalType": "integer"},
                {
                    "name": "breaks",
                    "logicalType": "array",
                    "items": {
                        "logicalType": "object",
                        "required": True,
                        "properties": [
                            {
                                "name": "minutes",
                                "logicalType": "integer",
                                "required": True,
                            }
                        ],
                    },
                },
            ],
        }
    ],
}
ROW = {
    "shift_id": "00123",
    "unit": None,
    "hours": "7.50",
    "worked_on": "2026-03-01",
    "count": 1,
    "breaks": [],
}


def checker():
    return Checker(read_contract("scheduling", SHIFT))


def body(**changes):
    return json.dumps(ROW | changes).encode()


def test_a_record_as_agreed_passes_at_once():
    assert checker().is_exact(body())
    assert checker().breach(body()) == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"shift_id": None}, "the required property shift_id is null [null]"),
        ({"shift_id": 123}, "the property shift_id has the wrong type [type]"),
        ({"hours": "seven"}, "the property hours has the wrong type [type]"),
        ({"hours": "NaN"}, "the property hours has the wrong type [type]"),
        ({"hours": 7.5}, "the property hours has the wrong type [type]"),
        (
            {"worked_on": "03/01/2026"},
            "the property worked_on has the wrong type [type]",
        ),
        ({"count": "1"}, "the property count has the wrong type [type]"),
        ({"count": 1.5}, "the property count has the wrong type [type]"),
        ({"count": True}, "the property count has the wrong type [type]"),
        ({"breaks": {}}, "the property breaks has the wrong type [type]"),
        (
            {"breaks": [{}]},
            "the required property breaks[].minutes is missing [missing]",
        ),
    ],
)
def test_what_breaks_the_contract_is_named_without_its_value(changes, reason):
    assert not checker().is_exact(body(**changes))
    assert checker().breach(body(**changes)) == reason


@pytest.mark.parametrize("name", ["shift_id", "unit"])
def test_a_column_that_is_gone_breaks_even_where_it_may_be_empty(name):
    row = json.dumps({key: value for key, value in ROW.items() if key != name})
    reason = f"the required property {name} is missing [missing]"
    assert checker().breach(row.encode()) == reason


def test_a_property_beyond_the_contract_passes_and_is_named():
    row = body(cost_center="6010", **{"4 Jane Doe!": 1})
    assert not checker().is_exact(row)
    assert checker().breach(row) == ""
    assert set(checker().additions(row)) == {"cost_center", "(unprintable)"}


def test_a_break_wins_over_an_addition():
    row = body(cost_center="6010", shift_id=None)
    assert checker().breach(row) == "the required property shift_id is null [null]"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_object_breaks_and_raises_nothing(text):
    assert checker().breach(text)


def changed(**custom):
    said = [{"property": name, "value": value} for name, value in custom.items()]
    shift = SHIFT["schema"][0] | {"customProperties": said}
    return SHIFT | {"schema": [shift]}


def test_an_open_contract_has_no_additions_and_leaves_depth_to_its_standard():
    open_to_more = Checker(read_contract("scheduling", changed(openToAddition=True)))
    assert open_to_more.is_exact(body(color="blue", breaks=[{"minutes": "ten"}]))
    assert list(open_to_more.additions(body(color="blue"))) == []
    reason = "the required property shift_id is null [null]"
    assert open_to_more.breach(body(shift_id=None)) == reason


def test_what_the_reader_checks_is_not_checked_again_but_what_goes_beyond_is():
    document = changed(checkedWhenRead=True)
    left_alone = Checker(read_contract("scheduling", document))
    assert left_alone.is_exact(body(shift_id=None, color="blue"))
    beyond = [{"property": "beyondReader", "value": True}]
    [shift] = document["schema"]
    unit = {"name": "unit", "required": True, "customProperties": beyond}
    stricter = shift | {"properties": [*shift["properties"][:1], unit]}
    checker = Checker(read_contract("scheduling", document | {"schema": [stricter]}))
    assert checker.is_exact(body(shift_id=None, unit="ICU", color="blue"))
    assert not checker.is_exact(body())
    assert checker.breach(body()) == "the required property unit is null [null]"


@pytest.mark.parametrize("changes", [{"schema": []}, {"version": None}])
def test_a_document_that_is_no_contract_of_one_entity_is_refused(changes):
    with pytest.raises(ConfigurationInvalid, match="shift"):
        read_contract("scheduling", SHIFT | changes)
