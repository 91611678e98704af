"""Whatever a staging model takes from a landed body is agreed in a contract."""

import re
from functools import cache
from pathlib import Path

import pytest

from ledgerline.contracts import contract_files, find

STAGING = Path(__file__).parents[3] / "dbt_project" / "models" / "staging"
READ = re.compile(r"(?:latest_record|record_history)\(\s*'raw_(\w+)', '([^']+)'")
MODELS = sorted(
    path for path in STAGING.rglob("*.sql") if READ.search(path.read_text())
)
READERS = sorted((STAGING.parents[1] / "models").rglob("*.sql"))
FIELD = re.compile(r"erp_field\('([^']+)'\)")
PATH = re.compile(r"#>>? '\{([^}]+)\}'")
STEP = re.compile(r"->>?\s*'([^']+)'")
RECORD = re.compile(r"jsonb_to_record\(\w+\.body\) as \w+ \((.*?)\n\)", re.DOTALL)


@cache
def tree(zone, entity):
    contract = find(zone, entity)
    assert contract is not None, f"{zone}/{entity} has no contract"
    return branches(contract.properties)


def branches(properties):
    found = {}
    for each in properties:
        found[each.name] = branches(each.properties)
        if each.items is not None:
            found[each.name] |= branches(each.items.properties)
    return found


def every_name(node):
    return set(node) | {name for each in node.values() for name in every_name(each)}


def missing(path, node):
    """The first step of the path that the contract does not know."""
    for step in path:
        if step not in node:
            return step
        node = node[step]
    return None


def by_ids(paths):
    return [pytest.param(path, id=path.stem) for path in paths]


@pytest.mark.parametrize("model", by_ids(MODELS))
def test_every_column_of_a_body_is_in_its_contract(model):
    text = model.read_text()
    [(zone, entity)] = set(READ.findall(text))
    known = tree(zone, entity)
    for dotted in FIELD.findall(text):
        assert missing(dotted.split("."), known) is None, dotted
    for path in PATH.findall(text):
        assert missing(path.split(","), known) is None, path
    for columns in RECORD.findall(text):
        names = re.findall(r'^\s*"?(\w+)"? (?:text|jsonb)', columns, re.MULTILINE)
        assert names
        assert set(names) <= known.keys()
    assert set(STEP.findall(text)) <= every_name(known)


def test_staging_reads_landed_records():
    assert len(MODELS) >= 18


def test_a_column_that_is_in_no_contract_is_found():
    known = tree("erp", "product.template")
    assert missing(["categories", "id"], known) is None
    assert missing(["default_uom", "color"], known) == "color"


FHIR = [
    path.name.split(".")[0]
    for zone, path in contract_files()
    if zone == "ehr" and not path.name.split(".")[0].isupper()
]


@pytest.mark.parametrize("entity", FHIR)
def test_a_contract_closes_the_gate_if_a_model_is_built_from_its_entity(entity):
    is_read = any(f"'raw_ehr', '{entity}'" in path.read_text() for path in READERS)
    assert find("ehr", entity).closes_gate is is_read
