"""Frames are found however the stream is cut, and nothing else is."""

import itertools
import random
import string
import time

import pytest

from ledgerline.connectors.mllp.framing import FrameDecoder
from tests.fuzz import INPUTS
from tests.memory import Memory

LIMIT = 64
SEED = 20260301
PIECES = [
    *(b"\x0b", b"\x0b", b"\x1c\r", b"\x1c\r", b"\x1c", b"\r", b"\n", b"\r\n"),
    *(b"\x0bMSH|", b"MSH|^~\\&|A", b"PID|1", b"\x0bMSH", b"\x00\xff", b"x" * 40),
]


def decode(stream, cuts=(), limit=LIMIT):
    decoder = FrameDecoder(limit)
    edges = [0, *sorted(cuts), len(stream)]
    frames = []
    for start, end in itertools.pairwise(edges):
        frames += decoder.feed(stream[start:end])
    return frames, decoder


def oracle(stream):
    """Frames, skipped bytes and cut messages, told byte by byte."""
    frames, skipped, cut, inside = [], 0, 0, None
    for number in stream:
        byte = bytes([number])
        if inside is None:
            if byte == b"\x0b":
                inside = b""
            elif byte not in b"\r\n":
                skipped += 1
        elif byte == b"\x1c":
            if inside:
                whole, again = inside, starts_again(inside[: LIMIT + 1])
                cut += len(again)
                whole = whole[again[-1] :] if again else whole
                frames.append((whole[: LIMIT + 1 - (again or [0])[-1]], len(whole)))
            inside = None
        else:
            inside += byte
    return [frame for frame in frames if frame[1]], skipped, cut


def starts_again(content):
    """Where a message starts again: 0x0b, MSH and a separator."""
    return [
        at + 1
        for at in range(len(content) - 4)
        if content[at : at + 4] == b"\x0bMSH"
        and chr(content[at + 4]) in string.punctuation.replace("_", "")
    ]


def test_several_messages_in_one_piece_come_out_in_order():
    frames, _ = decode(b"\x0bone\x1c\r\x0btwo\x1c\r\x0bthree")
    assert [frame.content for frame in frames] == [b"one", b"two"]


def test_the_carriage_return_after_the_end_may_be_missing():
    frames, decoder = decode(b"\x0bone\x1c\x0btwo\x1c")
    assert [frame.content for frame in frames] == [b"one", b"two"]
    assert not decoder.is_inside


def test_what_lies_between_frames_is_skipped_and_counted():
    frames, decoder = decode(b"noise\x0bone\x1c\r\r\nmore\x0btwo\x1c\r\n")
    assert [frame.content for frame in frames] == [b"one", b"two"]
    assert decoder.skipped_bytes == len(b"noisemore")


def test_an_empty_frame_is_no_message():
    assert decode(b"\x0b\x1c\r\x0b\x1c\r")[0] == []


def test_of_an_oversize_message_only_the_start_is_held():
    frames, decoder = decode(b"\x0b" + b"x" * 1000 + b"\x1c\r\x0bnext\x1c\r", limit=10)
    assert [(f.content, f.length, f.is_oversize) for f in frames] == [
        (b"x" * 11, 1000, True),
        (b"next", 4, False),
    ]
    assert decoder.buffered_bytes == 0


def test_a_message_as_long_as_the_limit_is_taken():
    frames, _ = decode(b"\x0b" + b"x" * 10 + b"\x1c\r", limit=10)
    assert [frame.is_oversize for frame in frames] == [False]


def test_a_message_that_starts_again_is_whole_from_there():
    frames, decoder = decode(b"\x0bMSH|^~\\&|A\rPI\x0bMSH|^~\\&|A\rPID|1\x1c\r")
    assert [frame.content for frame in frames] == [b"MSH|^~\\&|A\rPID|1"]
    assert decoder.cut_messages == 1


def test_a_vertical_tab_in_a_text_is_text():
    frames, _ = decode(b"\x0bMSH|^~\\&|A\rNTE|1||line\x0bMSHAND line\x1c\r")
    assert frames[0].content == b"MSH|^~\\&|A\rNTE|1||line\x0bMSHAND line"


@pytest.mark.fuzz
def test_any_stream_cut_anywhere_gives_what_a_byte_by_byte_reading_gives():
    memory = Memory()
    chance = random.Random(SEED)
    start, slowest, found = time.perf_counter(), 0.0, 0
    for _ in range(INPUTS):
        parts = chance.choices(PIECES, k=chance.randrange(1, 14))
        if chance.random() < 0.2:
            parts.append(chance.randbytes(chance.randrange(60)))
        stream = b"".join(parts)
        cuts = [chance.randrange(len(stream) + 1) for _ in range(chance.randrange(5))]
        began = time.process_time()
        frames, decoder = decode(stream, cuts)
        slowest = max(slowest, time.process_time() - began)
        expected, skipped, cut = oracle(stream)
        told = [(frame.content, frame.length) for frame in frames]
        assert told == expected, stream
        assert (decoder.skipped_bytes, decoder.cut_messages) == (skipped, cut), stream
        assert decoder.buffered_bytes <= LIMIT + 1
        for frame in frames:
            is_whole = len(frame.content) == frame.length <= LIMIT
            assert frame.is_oversize is not is_whole, stream
        found += len(frames)
    peak = memory.grown_megabytes
    print(
        f"seed {SEED}: {INPUTS} streams, {found} messages, slowest {slowest:.3f} s, "
        f"{time.perf_counter() - start:.0f} s in all, peak {peak:.0f} MB"
    )
    assert slowest <= 2
    assert peak < 512
