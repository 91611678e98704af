"""Every contract is a valid ODCS document that says what an entity must be told."""

import json
from functools import cache
from importlib.resources import files

import jsonschema_rs
import pytest
import yaml

from ledgerline.contracts import contract_files, find

DOCUMENTS = [
    pytest.param(zone, path, id=f"{zone}/{path.name.removesuffix('.odcs.yaml')}")
    for zone, path in contract_files()
]
PHI = {"direct", "quasi", "none"}


@cache
def standard():
    """The JSON schema that the standard's own package carries; nothing is fetched."""
    text = files("open_data_contract_standard").joinpath("schema.json").read_text()
    return jsonschema_rs.validator_for(json.loads(text))


@cache
def read(path):
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)


def properties(described):
    for each in described.get("properties", ()):
        yield each
        yield from properties(each)
        yield from properties(each.get("items", {}))


def test_there_are_contracts_for_every_zone():
    assert {zone for zone, _ in contract_files()} >= {"ehr", "billing", "erp"}


@pytest.mark.parametrize(("zone", "path"), DOCUMENTS)
def test_a_contract_is_valid_odcs(zone, path):
    errors = [error.message for error in standard().iter_errors(read(path))]
    assert errors == []


@pytest.mark.parametrize(("zone", "path"), DOCUMENTS)
def test_a_contract_names_version_owner_purpose_sla_and_quality(zone, path):
    contract = read(path)
    [entity] = contract["schema"]
    assert contract["status"] == "active"
    assert contract["version"].count(".") == 2
    assert contract["domain"] == zone
    assert contract["description"]["purpose"].endswith(".")
    assert contract["team"]["name"]
    assert {each["property"] for each in contract["slaProperties"]} >= {
        "frequency",
        "latency",
    }
    assert entity["quality"]
    assert entity["dataGranularityDescription"].startswith("One row per ")


@pytest.mark.parametrize(("zone", "path"), DOCUMENTS)
def test_a_contract_tags_and_describes_every_property(zone, path):
    for each in properties(read(path)["schema"][0]):
        assert each["classification"] in PHI, each["name"]
        assert each["logicalType"]
        assert each["physicalType"]
        assert each["description"], each["name"]


@pytest.mark.parametrize(("zone", "path"), DOCUMENTS)
def test_a_contract_is_found_by_the_entity_in_its_file_name(zone, path):
    name = path.name.removesuffix(".odcs.yaml")
    contract = find(zone, name)
    assert contract is not None
    assert contract.entity == name


@pytest.mark.parametrize("zone", ["ehr", "billing", "erp"])
def test_the_names_of_contracts_are_unique(zone):
    ids = [read(path)["id"] for _, path in contract_files()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["../erp/party.party", "", ".", "Nothing"])
def test_what_was_never_agreed_has_no_contract(name):
    assert find("ehr", name) is None
