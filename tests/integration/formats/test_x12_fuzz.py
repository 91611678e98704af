"""100,000 broken X12 files: only our own refusals, in little time and memory."""

import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest

from ledgerline.connectors.formats import x12
from ledgerline.connectors.formats.record import (
    FileRefused,
    Record,
    Refusal,
    TransactionSet,
)
from ledgerline.contracts import find
from ledgerline.contracts.check import Checker
from tests.fuzz import INPUTS
from tests.memory import Memory
from tests.unit.connectors.x12_text import MESSAGES, recounted

pytestmark = [pytest.mark.integration, pytest.mark.fuzz]
ORIGINALS = sorted(MESSAGES.glob("*.[0-9][0-9][0-9]"))
SEED = 20_260_314
SECONDS = 2.0
MEGABYTES = 512
KINDS = {
    *("837.claim", "835.claim", "835.transaction", "999.group", "TA1.interchange"),
    *("277CA.claim", "277CA.transaction", "277.claim", "277.transaction", "276.claim"),
}
WEIGHTS = (8, 4, 6, 1, 2, 6, 1)
SPICES = [
    *(b"~", b"*", b":", b">", b"^", b"|", b"\n", b"\r\n", b"~~", b"ISA", b"~ISA*"),
    *(b"~GS*HC", b"~ST*837*0001", b"~SE*9*0001", b"~GE*1*81", b"~IEA*1*9", b"~HL*1"),
    *(b"~CLM*A*1***11:A:7", b"~CLP*A*22*-1*-1", b"~SVC*HC:1*1*1", b"~CAS*CO*45*1"),
    *(b"~LX*1", b"~SV2*0120**1", b"~SBR*S", b"~NM1*PR", b"~PLB*1*20261231*WO*1"),
    *(b"~SVD*P*1", b"~SVD*P*1~CAS*OA*23*1~DTP*573*D8*20260301", b"~AK3*CLM*1"),
    *(b"~STC*A3:21*20260303*U*1", b"~TRN*2*A", b"~AK2*837*1", b"~IK4*1", b"~IK5*R"),
    *(b"~TA1*1", b"~REF*F8", b"~DTP*472*RD8*", b"~HI*BBR:1:D8:2026", b"~AMT*D*"),
    *(b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\x1c\x1d\x1e\x1f"),
    *(b"NaN", b"1E400", b"-", b"+1", b"1_0", b"20260231", b"9" * 40, b"*" * 60),
    *("٣".encode(), "²".encode(), "é".encode(), "\x85".encode(), b"\xa0"),
]


def broken(chance, originals):
    """Return an original with a few faults in it; half of them with a right count."""
    content = bytearray(chance.choice(originals))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) + 1)
        (kind,) = chance.choices(range(7), WEIGHTS)
        if kind == 0:
            content[at:at] = chance.choice(SPICES)
        elif kind == 1:
            del content[at : at + chance.randint(1, 40)]
        elif kind == 2:
            content[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 3:
            del content[at:]
        elif kind == 4:
            content[at:at] = content[at : at + chance.randint(1, 200)]
        elif kind == 5:
            content[at : at + 4] = chance.choice(SPICES)
        else:
            content = content.replace(*chance.sample([b"~", b"*", b":", b"|"], 2))
    return recounted(bytes(content)) if chance.random() < 0.5 else bytes(content)


def outcomes(content):
    """Read a file in two chunks; return what came of it, each within the file."""
    cut = len(content) // 3
    try:
        items = list(x12.read(lambda: [content[:cut], content[cut:]]))
    except FileRefused as refused:
        return [f"file {refused.refusal_class}"]
    for item in items:
        assert isinstance(item, Record | Refusal | TransactionSet)
        assert named(item).encode()
        end = item.byte_offset + item.byte_length
        assert 0 <= item.byte_offset <= end <= len(content)
    return [
        item.refusal_class if isinstance(item, Refusal) else item.resource_type
        for item in items
    ]


def named(item):
    """Return what the warehouse would store of an item as text."""
    if isinstance(item, Record):
        return item.resource_type + item.resource_id
    return item.key if isinstance(item, TransactionSet) else item.message


def checker(resource_type):
    contract = find("billing", resource_type)
    return Checker(replace(contract, is_checked_when_read=False))


def test_what_a_broken_file_still_gives_is_as_agreed():
    chance = random.Random(SEED)
    checkers = {kind: checker(kind) for kind in KINDS}
    originals = [path.read_bytes() for path in ORIGINALS]
    checked = 0
    for _ in range(INPUTS // 20):
        content = broken(chance, originals)
        with suppress(FileRefused):
            for item in x12.read(lambda text=content: [text]):
                if isinstance(item, Record):
                    agreed = checkers[item.resource_type]
                    assert agreed.breach(item.body) == ""
                    assert list(agreed.additions(item.body)) == []
                    checked += 1
    assert checked > INPUTS // 50


def test_broken_files_give_only_our_own_refusals():
    memory = Memory()
    chance = random.Random(SEED)
    originals = [path.read_bytes() for path in ORIGINALS]
    originals += [text.replace(b"\n", b"") for text in originals]
    slowest, seen = 0.0, Counter()
    for _ in range(INPUTS):
        content = broken(chance, originals)
        begun = time.process_time()
        seen.update(outcomes(content))
        slowest = max(slowest, time.process_time() - begun)
    megabytes = memory.grown_megabytes
    print(
        f"{INPUTS} inputs (seed {SEED}), slowest {slowest:.3f} s, {megabytes:.0f} MB, "
        f"{dict(seen.most_common())}"
    )
    assert seen.keys() >= KINDS
    assert {"COUNT_MISMATCH", "ENCODING", "UNBALANCED", "DATE_INVALID"} <= seen.keys()
    assert slowest <= SECONDS
    assert megabytes < MEGABYTES
