"""The FHIR reader refuses whatever breaks the contract of a FHIR resource.

So the door need not look at these records again, and the contracts say so.
"""

import json
from pathlib import Path

import pytest

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.record import Record, Refusal
from ledgerline.contracts import contract_files, find
from ledgerline.contracts.check import Checker

SAMPLES = Path(__file__).parents[2] / "messages" / "fhir_resources_of_every_kind.ndjson"
WRONG = {"object": "text", "array": 1, "string": {"a": 1}, "boolean": "yes"}
CONTRACTS = [
    find(zone, path.name.removesuffix(".odcs.yaml"))
    for zone, path in contract_files()
    if zone == "ehr"
]
FHIR = [each for each in CONTRACTS if each.is_open]


def sample(entity):
    for line in SAMPLES.read_text().splitlines():
        resource = json.loads(line)
        if resource["resourceType"] == entity:
            return resource
    return {"resourceType": entity, "id": "1"}


def read(resource):
    [item] = fhir.read(fhir.Kind.NDJSON, lambda: [json.dumps(resource).encode()])
    return item


def cases(choose):
    return [
        pytest.param(contract.entity, each, id=f"{contract.entity}.{each.name}")
        for contract in FHIR
        for each in contract.properties
        if choose(each)
    ]


def test_there_are_contracts_to_compare():
    assert len(FHIR) >= 11


@pytest.mark.parametrize("contract", FHIR, ids=lambda contract: contract.entity)
def test_the_sample_is_read_and_the_door_leaves_it_to_the_reader(contract):
    item = read(sample(contract.entity))
    assert isinstance(item, Record), item
    assert contract.is_checked_when_read
    assert Checker(contract).is_exact(b"no JSON at all")


@pytest.mark.parametrize(("entity", "each"), cases(lambda each: each.is_required))
def test_a_required_property_that_is_missing_is_refused(entity, each):
    resource = sample(entity)
    resource.pop(each.name, None)
    assert isinstance(read(resource), Refusal)


@pytest.mark.parametrize(("entity", "each"), cases(lambda each: True))
def test_a_property_of_the_wrong_type_is_refused(entity, each):
    wrong = WRONG.get(each.logical_type, {"a": 1})
    item = read(sample(entity) | {each.name: wrong})
    assert isinstance(item, Refusal)


@pytest.mark.parametrize("contract", FHIR, ids=lambda contract: contract.entity)
def test_a_field_that_fhir_does_not_have_is_refused(contract):
    item = read(sample(contract.entity) | {"color": "blue"})
    assert isinstance(item, Refusal)
    assert item.refusal_class == "CONTRACT_DRIFT"
