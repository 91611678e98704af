"""What is read does not depend on how the bytes arrive."""

import random

import pytest

from ledgerline.connectors.formats.record import FileRefused
from tests.unit.connectors.x12_text import MESSAGES, SAMPLES, read

FILES = [*sorted(MESSAGES.glob("*.[0-9][0-9][0-9]")), *SAMPLES]
SIZES = [1, 13, 399, 1000, 10**6]
SEED = 20_260_314


def outcome(text, size):
    try:
        return read(text, size)
    except FileRefused as refused:
        return refused.refusal_class


@pytest.mark.parametrize("path", [pytest.param(p, id=p.name) for p in FILES])
def test_the_size_of_chunks_changes_nothing(path):
    text = path.read_bytes()
    whole = read(text, len(text))
    assert whole
    for size in SIZES:
        assert read(text, size) == whole


def test_the_size_of_chunks_changes_nothing_of_broken_files():
    chance = random.Random(SEED)
    for _ in range(600):
        text = bytearray(chance.choice(FILES).read_bytes() * chance.choice((1, 1, 2)))
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(text))
            junk = chance.choice(
                [b"", b"~", b"*", b"ISA", b"~ISA*", b"\xff", b"\x00", b" \r\n"]
            )
            text[at : at + chance.randrange(3)] = junk
        text = bytes(text)
        whole = outcome(text, len(text))
        for size in (7, 211, 450):
            assert outcome(text, size) == whole, text
