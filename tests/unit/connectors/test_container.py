"""Compression: decoded in a stream, within limits, recognised by content."""

import bz2
import gzip
import io
import tarfile
import zipfile
import zlib

import pytest

from ledgerline.connectors.formats import archive, container
from ledgerline.connectors.formats.record import FileRefused

TEXT = b"".join(b"line %d of many\n" % number for number in range(200_000))


def decoded(data, size=65_536):
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(container.decode(pieces))


def refused(data, size=65_536):
    with pytest.raises(FileRefused) as caught:
        decoded(data, size)
    return caught.value.refusal_class


@pytest.mark.parametrize("size", [1000, 65_536, 10_000_000])
@pytest.mark.parametrize(
    "packed",
    [
        TEXT,
        gzip.compress(TEXT),
        bz2.compress(TEXT),
        gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
        bz2.compress(TEXT[:1000]) + bz2.compress(TEXT[1000:]),
        gzip.compress(TEXT) + b"\x00" * 700,
    ],
    ids=["plain", "gzip", "bzip2", "two gzip", "two bzip2", "padded gzip"],
)
def test_content_comes_out_as_it_went_in(packed, size):
    assert decoded(packed, size) == TEXT


def test_output_of_exactly_one_step_is_complete():
    text = b"\x07" * (2 * 1024 * 1024)
    assert decoded(gzip.compress(text)) == text


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_truncated_compression_is_corrupt(pack):
    packed = pack(TEXT)
    assert refused(packed[: len(packed) // 2]) == "CONTAINER_CORRUPT"
    assert refused(packed[:-4]) == "CONTAINER_CORRUPT"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_damaged_compression_is_corrupt(pack):
    packed = bytearray(pack(TEXT))
    packed[len(packed) // 2] ^= 0xFF
    assert refused(bytes(packed)) == "CONTAINER_CORRUPT"


def test_garbage_after_gzip_is_corrupt():
    assert refused(gzip.compress(TEXT) + b"garbage") == "CONTAINER_CORRUPT"


def test_a_bomb_is_stopped_by_what_it_really_inflates_to():
    squeezer = zlib.compressobj(9, wbits=31)
    zeros = b"\x00" * 1024 * 1024
    bomb = b"".join(squeezer.compress(zeros) for _ in range(200)) + squeezer.flush()
    seen = []
    with pytest.raises(FileRefused) as caught:
        seen.extend(len(piece) for piece in container.decode([bomb]))
    assert caught.value.refusal_class == "RESOURCE_LIMIT"
    assert sum(seen) <= archive.RATIO_FLOOR + 1024 * 1024


def test_archives_are_named_and_refused():
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.ndjson", "{}")
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    for packed in (zipped.getvalue(), tarred.getvalue(), b"7z\xbc\xaf\x27\x1c..."):
        assert refused(packed) == "UNSUPPORTED_CONTAINER"


@pytest.mark.parametrize("outer", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("inner", [gzip.compress, bz2.compress])
def test_what_is_compressed_twice_is_said_to_be(outer, inner):
    assert refused(outer(inner(TEXT))) == "UNSUPPORTED_CONTAINER"


def test_an_empty_file_is_empty():
    assert decoded(b"") == b""
