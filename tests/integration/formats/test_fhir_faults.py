"""Of every kind of fault in a FHIR resource, every mutant is refused; nothing else is.

The resources are a few of every kind, the sandbox's extract, and the NDJSON files
below the folders that LEDGERLINE_FHIR_SAMPLES names (separated by colons).
"""

import gzip
import itertools
import json
import os
import random
from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.record import Record, Refusal
from tests.integration.formats.fhir_faults import FAULTS
from tests.integration.formats.fhir_places import places

ROOT = Path(__file__).parents[3]
FEW = (ROOT / "tests/messages/fhir_resources_of_every_kind.ndjson").read_bytes()
EXTRACT = sorted((ROOT / "include/sandbox/extract").glob("*.ndjson.gz"))
SAMPLES = os.environ.get("LEDGERLINE_FHIR_SAMPLES", "")
SEED = 20261122
MUTANTS = 50
OF_EACH_FILE = 40
COMPARED = 400
ODD = [
    *(None, "", " ", "x", "a b", "12.5", "2026-02-30", "01/02/2020", "é" * 2000),
    *([], [1], [None], {}, {"a": 1}, {"id": "1"}, 0, -1, 1.5, 1e10, True),
]


def read(text):
    return list(fhir.read(fhir.Kind.NDJSON, lambda: [text]))


def first_lines(path):
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        return list(itertools.islice(stream, OF_EACH_FILE))


def sample_files():
    folders = [Path(folder) for folder in SAMPLES.split(":") if folder]
    found = itertools.chain.from_iterable(f.rglob("[A-Z]*.ndjson*") for f in folders)
    return [*EXTRACT, *sorted(found)]


@pytest.fixture(scope="session")
def resources():
    """Valid resources, as bytes, in an order that the seed decides."""
    lines = FEW.splitlines()
    for path in sample_files():
        lines += [line for line in first_lines(path) if isinstance(*read(line), Record)]
    random.Random(SEED).shuffle(lines)
    return lines


def mutants(name, resources):
    """Yield 50 mutants of one kind, in the order that the seed and its name decide."""
    rng = random.Random(f"{SEED} {name}")
    few = FEW.splitlines()
    made = 0
    for line in itertools.chain(resources, itertools.cycle(few)):
        mutant = FAULTS[name](rng, json.loads(line))
        if mutant is not None:
            yield mutant.encode()
            made += 1
        if made == MUTANTS:
            return


@pytest.mark.parametrize("name", FAULTS)
def test_every_mutant_of_a_kind_is_refused(name, resources):
    taken = [text for text in mutants(name, resources) if is_taken(text)]
    print(f"seed {SEED}: {name}: {MUTANTS - len(taken)} of {MUTANTS} caught")
    assert not taken, taken[0].decode()


def is_taken(text):
    (item,) = read(text)
    return not isinstance(item, Refusal)


def test_there_are_more_kinds_than_promised():
    print(f"{len(FAULTS)} kinds of fault")
    assert len(FAULTS) >= 35


def test_no_mutant_puts_a_value_into_its_message(resources):
    secrets = ("nonsense", "DOLLAR", "somebody", "01/02/2020", "England")
    for name in FAULTS:
        for text in itertools.islice(mutants(name, resources), 5):
            (item,) = read(text)
            assert not any(secret in item.message for secret in secrets), item.message


@pytest.mark.parametrize("line", FEW.splitlines())
def test_a_valid_resource_of_every_kind_is_taken_here_and_by_the_models(line):
    (item,) = read(line)
    assert isinstance(item, Record), item
    resource = json.loads(line)
    assert get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_what_the_models_take_is_taken(resources):
    """The models of fhir.resources know nothing valid that is refused here."""
    for line in resources[:300]:
        resource = json.loads(line)
        assert get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("path", EXTRACT, ids=lambda path: path.name)
def test_nothing_of_the_bundled_extract_is_refused(path):
    with gzip.open(path) as stream:
        items = fhir.read(fhir.Kind.NDJSON, lambda: [stream.read()])
        refused = [item.message for item in items if isinstance(item, Refusal)]
    assert not refused


def are_models_content(resource):
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValueError:
        return False
    return True


def test_whatever_the_models_refuse_is_refused():
    rng = random.Random(SEED)
    lines = FEW.splitlines()
    refused = 0
    for _ in range(COMPARED):
        resource = json.loads(rng.choice(lines))
        parent, key, _ = rng.choice(list(places(resource)))
        parent[key] = rng.choice(ODD)
        text = json.dumps(resource).encode()
        if not are_models_content(resource):
            refused += 1
            assert not is_taken(text), text
    print(f"seed {SEED}: the models refused {refused} of {COMPARED}")
    assert refused > COMPARED / 3
