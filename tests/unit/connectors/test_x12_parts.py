"""Stored X12 is cut into parts that are the file again, byte for byte."""

from itertools import pairwise

import pytest

from ledgerline.connectors.formats.record import Record, Refusal, TransactionSet
from ledgerline.connectors.formats.x12 import parts
from tests.unit.connectors.x12_text import (
    MESSAGES,
    SAMPLES,
    changed,
    in_chunks,
    message,
    read,
)

CLAIM = message("claim_institutional_with_drg.837")
TWO = message("two_interchanges_with_other_delimiters.837")
FILES = sorted(MESSAGES.glob("*.[0-9][0-9][0-9]")) + SAMPLES
TEXTS = [pytest.param(path.read_bytes(), id=path.name) for path in FILES]
ODD = [
    pytest.param(b"\xef\xbb\xbf" + CLAIM, id="byte order mark"),
    pytest.param(CLAIM.replace(b"\n", b"\r\n"), id="CRLF"),
    pytest.param(b"\r\n " + CLAIM + b"\x1a\n", id="blanks and junk around"),
    pytest.param(TWO + b"\n" + CLAIM, id="three interchanges"),
    pytest.param(changed(CLAIM, b"SE*30*0001~\n", b""), id="no SE"),
    pytest.param(changed(CLAIM, b"GS*HC", b"XX*HC"), id="no GS"),
    pytest.param(changed(CLAIM, b"DOE*JANE", b"D\xd6E*J\x00NE"), id="not text"),
    pytest.param(CLAIM[:-40], id="cut off"),
]


@pytest.mark.parametrize("size", [1, 97, 100_000])
@pytest.mark.parametrize("text", [*TEXTS, *ODD])
def test_all_parts_together_are_the_file(text, size):
    content = in_chunks(text, size)
    found = list(parts.parts(content))
    written = [
        parts.bytes_at(content, part.byte_offset, part.byte_length) for part in found
    ]
    assert b"".join(written) == text
    for before, after in pairwise(found):
        assert before.byte_offset + before.byte_length == after.byte_offset


@pytest.mark.parametrize("text", [*TEXTS, *ODD])
def test_a_transaction_set_is_written_back_by_its_key(text):
    sets = [item for item in read(text) if isinstance(item, TransactionSet)]
    for each in sets:
        written = parts.written_back(in_chunks(text, 512), each.key)
        end = each.byte_offset + each.byte_length
        assert written == text[each.byte_offset : end]
        assert written.startswith(b"ST")


@pytest.mark.parametrize("text", [*TEXTS, *ODD])
def test_every_record_and_refusal_lies_within_one_part(text):
    found = list(parts.parts(in_chunks(text, 512)))
    for item in read(text):
        if isinstance(item, Record) and item.resource_type != "TA1.interchange":
            (around,) = [part for part in found if holds(part, item)]
            assert around.key in item.resource_id
        if isinstance(item, Refusal):
            assert item.byte_offset + item.byte_length <= len(text)


def holds(part, item):
    end = part.byte_offset + part.byte_length
    return part.byte_offset <= item.byte_offset < end
