"""Broken feeds raise nothing but our own classes, however they are broken."""

import random
import time
from functools import partial

import pytest

from ledgerline.connectors.formats import delimited, json_page
from ledgerline.connectors.formats.record import FileRefused, Record
from tests.fuzz import INPUTS
from tests.memory import Memory

pytestmark = [pytest.mark.integration, pytest.mark.fuzz]
SEED = 20_261_122
CSV = b'shift_id,unit,hours\n1,ICU,8\n2,"a\nb",9\r\n'
JSON = b'{"rows": [{"shift_id": "1", "n": [1, 2.5e3]}, {"shift_id": 2}], "next": "c"}'
PARSERS = {
    "csv": (
        partial(delimited.read, "shift", ("shift_id",)),
        CSV,
        (b'"', b",", b"\n", b"\0", b"\xff", b"\r", b"", b";"),
    ),
    "json page": (
        partial(json_page.read, "shift", ("shift_id",), "rows"),
        JSON,
        (b'"', b"{", b"}", b"[", b"]", b"\xff", b"\\u0000", b"", b"NaN", b"1e999"),
    ),
}


def broken(chance, text, pieces):
    text = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text))
        text[place : place + chance.randint(0, 3)] = chance.choice(pieces)
    return bytes(text)


@pytest.mark.parametrize("name", PARSERS)
def test_broken_inputs_raise_nothing_foreign(name):
    read, text, pieces = PARSERS[name]
    memory = Memory()
    chance = random.Random(SEED)
    seen = {"records": 0, "refusals": 0, "files": 0}
    slowest = 0.0
    for _ in range(INPUTS):
        given = [broken(chance, text, pieces)]
        begin = time.process_time()
        try:
            for item in read(lambda: given):  # noqa: B023
                seen["records" if isinstance(item, Record) else "refusals"] += 1
        except FileRefused:
            seen["files"] += 1
        slowest = max(slowest, time.process_time() - begin)
    megabytes = memory.grown_megabytes
    print(
        f"{name}: {INPUTS} inputs, seed {SEED}, {seen}, slowest {slowest:.3f} s, "
        f"{megabytes:.0f} MB"
    )
    assert seen["records"] > 1_000
    assert seen["files"] > 1_000
    assert slowest < 2
