"""Whatever a frame holds, it is answered, and read the same way when it is landed."""

import random
import time

import pytest

from ledgerline.connectors.formats.record import Record
from ledgerline.connectors.mllp import frame_file
from ledgerline.connectors.mllp.framing import FrameDecoder, framed
from ledgerline.connectors.mllp.reading import read
from ledgerline.connectors.mllp.receipt import Outcome
from tests.fuzz import INPUTS
from tests.integration.mllp.service import message
from tests.memory import Memory

SEED = 20260303
SEEDS = [
    message("1"),
    message("2", ends="\n"),
    message("3").replace(b"2.5.1", b"2.3||||||8859/1"),
    message("4").replace(b"2.5.1", b"2.5.1||||||UNICODE UTF-8"),
    message("5").replace(b"2.5.1", b"2.5.1||||||GB 18030-2000"),
    b"MSH|^~\\&|\r",
]
PARTS = [
    *(b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\x0b", b"\x00", b"\xff"),
    *(b"MSH|^~\\&|", b"\rMSH", b"\\X00\\", b"\\C2842\\", b"|" * 30, b"\xc3\x28"),
    *(b"8859/15", b"KLINGON", b"2.", b"9" * 60, "é\u2028".encode(), b"\xef\xbb\xbf"),
]


def mutated(chance):
    content = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(content) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            content[at : at + chance.randrange(40)] = b""
        elif kind == 1:
            content[at:at] = chance.choice(PARTS)
        elif kind == 2:
            content[at : at + 1] = chance.randbytes(1)
        else:
            del content[at:]
    return bytes(content)


@pytest.mark.fuzz
def test_any_frame_is_answered_in_one_frame_and_refused_at_the_door_or_read_alike():
    memory = Memory()
    chance = random.Random(SEED)
    start, slowest, refused, late, silent = time.perf_counter(), 0.0, 0, 0, 0
    for _ in range(INPUTS):
        for frame in FrameDecoder().feed(framed(mutated(chance))):
            began = time.process_time()
            reading = read(frame, "peer")
            answers = reading.answers(reading.verdict(Outcome.STORED))
            slowest = max(slowest, time.process_time() - began)
            for answer in answers:
                assert answer.startswith(b"MSH")
                assert b"\rMSA" in answer
                assert b"\x1c" not in answer
            silent += not answers
            reading.received.sender.encode()
            assert "\x00" not in reading.received.sender + reading.received.control_id
            (item,) = frame_file.read(lambda frame=frame: [framed(frame.content)])
            if reading.refused:
                refused += 1
                assert item.refusal_class is reading.refused.refusal_class
            else:
                late += not isinstance(item, Record)
    peak = memory.grown_megabytes
    print(
        f"seed {SEED}: {INPUTS} frames, {refused} refused at the door, {late} later, "
        f"{silent} unanswered, slowest {slowest:.3f} s, "
        f"{time.perf_counter() - start:.0f} s in all, peak {peak:.0f} MB"
    )
    assert silent < INPUTS / 100
    assert slowest <= 2
    assert peak < 512
