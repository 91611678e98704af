"""Bytes of a file are kept exactly, whatever their size, and given back in bounds."""

import hashlib
import random
import tempfile
from contextlib import closing

import pytest

from ledgerline.connectors.source import CHUNK_BYTES
from ledgerline.landing.copy_binary import PAGE_BYTES
from ledgerline.landing.stored import (
    BytesDamaged,
    KeptBytes,
    WarehouseFull,
    _Blocks,
    packed,
    unpacked,
)

NOISE = random.Random(20_260_315).randbytes(300_000)


@pytest.mark.parametrize(
    ("content", "is_packed"),
    [
        (b"", False),
        (b"MSH|", False),
        (b"x" * PAGE_BYTES, False),
        (b"x" * (PAGE_BYTES + 1), True),
        (NOISE, True),
        (b"a line of a file\n" * 500_000, True),
    ],
    ids=["nothing", "short", "a page", "more", "noise", "long"],
)
def test_bytes_come_back_as_they_came(content, is_packed):
    parts = [content[at : at + 70_000] for at in range(0, len(content), 70_000)]
    with closing(KeptBytes(parts)) as kept:
        assert kept.is_packed == is_packed
        assert (kept.size, kept.sha256) == (
            len(content),
            hashlib.sha256(content).digest(),
        )
        pages = list(kept.pages())
        assert all(len(page) <= PAGE_BYTES for page in pages)
        stored = unpacked(pages) if is_packed else pages
        assert b"".join(stored) == content


def test_what_was_packed_a_thousandfold_comes_back_in_chunks_of_bounded_size():
    with closing(KeptBytes(bytes(1024 * 1024) for _ in range(64))) as kept:
        assert len(b"".join(kept.pages())) < 64 * 1024
        sizes = [len(chunk) for chunk in kept]
    assert sum(sizes) == 64 * 1024 * 1024
    assert max(sizes) <= CHUNK_BYTES


def test_two_readers_of_the_same_bytes_do_not_disturb_each_other():
    with closing(KeptBytes([NOISE])) as kept:
        pairs = list(zip(kept, kept, strict=True))
    assert b"".join(first for first, _ in pairs) == NOISE
    assert all(first == second for first, second in pairs)


def test_bytes_that_are_no_frame_are_damaged():
    with pytest.raises(BytesDamaged):
        list(unpacked([b"no frame at all"]))


def test_no_room_for_a_temporary_file_is_said(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(WarehouseFull, match="TMPDIR"):
        KeptBytes(random.Random(number).randbytes(300_000) for number in range(9))


def test_the_decoder_is_never_given_more_than_it_asks_for():
    """It would write past its buffer: stored files are read in blocks of any size."""
    content = b"".join(b"%0400d\n" % number for number in range(60_000))
    stored = b"".join(packed([content]))
    whole = b"".join(unpacked(iter([stored])))
    assert whole == content
    given = _Blocks(iter([stored]))
    assert max(map(len, iter(lambda: given.read(1000), b""))) == 1000
