"""100,000 broken files: only our own refusals, in little time and memory."""

import random
import time

import pytest

from ledgerline.connectors.formats import hl7v2
from ledgerline.connectors.formats.hl7v2.acknowledgement import (
    acknowledge,
    answer_codes,
    header_of_any,
    read_header,
)
from ledgerline.connectors.formats.record import FileRefused, Item, RecordRefused
from tests.fuzz import INPUTS
from tests.memory import Memory
from tests.unit.connectors.formats.hl7v2_text import MESSAGES

pytestmark = [pytest.mark.integration, pytest.mark.fuzz]
SEED = 20_260_314
SECONDS = 2.0
MEGABYTES = 512
SPICES = [
    *(
        b"\r",
        b"\n",
        b"\r\n",
        b"\x0b",
        b"\x1c",
        b"\x1c\r",
        b"|",
        b"^",
        b"~",
        b"\\",
        b"&",
    ),
    *(b"MSH|", b"MSH|^~\\&|", b"\rPID|", b"\rFT1|", b"BTS|9\r", b"FHS|", b"\rMRG|"),
    *(b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'""', b"\\X00\\"),
    *(b"99999999999999", b"20260231", b"NaN", b"-", b"+", b"1E400", b"||||||||||||||"),
    *(
        "٣".encode(),
        "²".encode(),
        b"\\C2842\\",
        b"8859/1",
        b"UNICODE UTF-16",
        b"|\x85|",
    ),
]


def broken(chance, originals):
    """Return an original with a few faults in it."""
    content = bytearray(chance.choice(originals))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            content[at:at] = chance.choice(SPICES)
        elif kind == 1:
            del content[at : at + chance.randint(1, 40)]
        elif kind == 2:
            content[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 3:
            del content[at:]
        elif kind == 4:
            end = at + chance.randint(1, 200)
            content[at:at] = content[at:end]
        else:
            content[at : at + 4] = chance.choice(SPICES)
    return bytes(content)


def taken(content):
    """Read a file and answer it as a message; return how many items it gave."""
    try:
        items = list(hl7v2.read(lambda: [content[:300], content[300:]]))
    except FileRefused:
        items = []
    assert all(isinstance(item, Item) for item in items)
    try:
        header, refused = read_header(content), None
    except RecordRefused as error:
        header, refused = header_of_any(content), error
    for code in answer_codes(header, refused):
        acknowledge(header, code, refused)
    return len(items)


def test_broken_files_give_only_our_own_refusals():
    memory = Memory()
    chance = random.Random(SEED)
    originals = [path.read_bytes() for path in sorted(MESSAGES.glob("*.hl7"))]
    originals += [b"\x0b" + text + b"\x1c\r" for text in originals]
    slowest, given = 0.0, 0
    for _ in range(INPUTS):
        content = broken(chance, originals)
        begun = time.process_time()
        given += taken(content)
        slowest = max(slowest, time.process_time() - begun)
    megabytes = memory.grown_megabytes
    print(
        f"{INPUTS} inputs (seed {SEED}), {given} items, slowest {slowest:.3f} s, "
        f"{megabytes:.0f} MB"
    )
    assert given > INPUTS
    assert slowest <= SECONDS
    assert megabytes < MEGABYTES
