"""57 of 57 public sample messages are read, with the fields that others find."""

import json
from pathlib import Path

import pytest

from ledgerline.connectors.formats.record import Record
from tests.unit.connectors.formats.hl7v2_oracles import (
    Hl7Kit,
    PythonHl7,
    expected,
    found,
)
from tests.unit.connectors.formats.hl7v2_text import MESSAGES, read

SAMPLES = Path(__file__).parents[5] / "shared/data/hl7v2/ms_fhir_converter"
OWN = sorted(MESSAGES.glob("*.hl7"))
FILES = sorted(SAMPLES.glob("*.hl7"))


def records(path):
    return [item for item in read(path.read_bytes()) if isinstance(item, Record)]


@pytest.mark.skipif(not FILES, reason="the public sample messages are not here")
def test_every_public_sample_message_is_read():
    counts = {path.name: len(records(path)) for path in FILES}
    print(f"{sum(counts.values())} of {len(FILES)} sample messages read")
    assert len(FILES) == 57
    assert set(counts.values()) == {1}


@pytest.mark.parametrize("oracle", [PythonHl7, Hl7Kit])
@pytest.mark.parametrize("path", [pytest.param(p, id=p.stem) for p in OWN + FILES])
def test_the_fields_are_those_that_another_parser_finds(path, oracle):
    content = path.read_bytes()
    for record in records(path):
        raw = content[record.byte_offset :][: record.byte_length]
        text = raw.decode().replace("\r\n", "\r").replace("\n", "\r")
        assert found(json.loads(record.body)) == expected(oracle(text))
