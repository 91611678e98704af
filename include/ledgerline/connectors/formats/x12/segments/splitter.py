"""Split a stream of X12 into blocks of segments on the delimiters in force.

Tolerant: several interchanges a file with delimiters of their own, line ends after
terminators or after every so many characters, a byte order mark, an ISA without
padding, bytes that are not UTF-8 text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, compress, count, repeat
from operator import add, itemgetter

from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    RefusalClass,
)
from ledgerline.connectors.formats.x12.segments.segment import (
    BLANKS,
    ENVELOPE,
    ISA_LONGEST,
    Block,
    Delimiters,
    delimiters,
    tag_reader,
)

TRAILERS = ("SE", "GE", "IEA")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ISA = b"ISA"
_FILE_END = BLANKS + b"\x1a"
_BLANK_TEXT = BLANKS.decode()
_START = itemgetter(slice(4))
_NUL, _NUL_MARK = b"\x00", "\udc00"
_SURROGATE = re.compile("[\ud800-\udfff]")
_BARE = re.compile(
    rb"ST([!-/:-@[-`{-~])\d{3}\1[0-9A-Za-z]{1,9}(?:\1[0-9A-Za-z]{1,35})?"
    rb"(?!\1)([!-/:-@[-`{-~\r\n])"
)
"""A transaction set without envelope: what stands between its elements and ends it."""
_Pieces = tuple[list[int], list[int], list[str], list[int]]
"""Of every piece: its width, its length without blanks, its text; which are odd."""


def blocks(content: Iterable[bytes]) -> Iterator[Block]:
    """Yield every segment of the content, in blocks; each ISA begins a block.

    Raises FileRefused when the content begins neither with an ISA nor with an ST.
    """
    splitter = _Splitter()
    for chunk in content:
        yield from splitter.feed(chunk)
    yield from splitter.finish()


class _Splitter:
    """Holds the unfinished tail of the content and the delimiters in force."""

    def __init__(self) -> None:
        self._rest = b""
        self._offset = 0
        self._before = 0
        self._number = 1
        self._marks = Delimiters()
        self._is_start = True

    def feed(self, chunk: bytes) -> Iterator[Block]:
        """Yield the segments that are complete with this chunk."""
        self._rest += chunk
        if self._is_start and len(self._rest) < ISA_LONGEST:
            return
        yield from self._split(is_final=False)
        if len(self._rest) > MAX_RECORD_BYTES:
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"a segment is longer than {MAX_RECORD_BYTES} bytes",
            )

    def finish(self) -> Iterator[Block]:
        """Yield what is left; the last segment may lack its terminator."""
        yield from self._split(is_final=True)
        self._skip_blanks()
        raw = self._rest.rstrip(_FILE_END)
        if not raw:
            return
        text, is_odd = _decoded(raw)
        tag = text.split(self._marks.element, 1)[0]
        if tag not in TRAILERS:
            text = tag = ""
        yield Block(
            texts=[text],
            tags=[tag],
            envelopes=[0] if tag else [],
            ends=[self._offset + len(raw)],
            lengths=[len(raw) - 1],  # it has no terminator
            first=self._number,
            before=self._before,
            marks=self._marks,
            odd=[0] if is_odd else [],
        )

    def _split(self, *, is_final: bool) -> Iterator[Block]:
        if self._is_start:
            self._begin()
        while self._turn(is_final=is_final):
            last = self._rest.rfind(self._marks.terminator) + 1
            other = self._next_interchange(last)
            yield from self._block(self._cut(other or last))
            if not other:
                return

    def _begin(self) -> None:
        body = self._rest.removeprefix(_BYTE_ORDER_MARK).lstrip(BLANKS)
        bare = _BARE.match(body)
        if bare is not None:
            self._marks = Delimiters(bare[1].decode("ascii"), ":", bare[2])
        elif delimiters(body) is None:
            raise _not_x12(body)
        self._cut(len(self._rest) - len(body))
        self._is_start = False

    def _turn(self, *, is_final: bool) -> bool:
        """Use the delimiters of the ISA in front; False when it needs more bytes."""
        text = self._rest[:ISA_LONGEST].lstrip(BLANKS)
        if not text.startswith(_ISA):
            return True
        self._skip_blanks()
        found = delimiters(self._rest)
        if found is None:
            return is_final or len(self._rest) >= ISA_LONGEST
        self._marks, self._number = found, 1
        return True

    def _next_interchange(self, stop: int) -> int:
        """Return where the next ISA begins that follows a terminator, 0 without one."""
        text, terminator = self._rest, self._marks.terminator
        at = text.find(_ISA, 1, stop)
        while at > 0:
            end = at
            while end and text[end - 1 : end] != terminator and text[end - 1] in BLANKS:
                end -= 1
            if not end or text[end - 1 : end] == terminator:
                return at
            at = text.find(_ISA, at + 1, stop)
        return 0

    def _skip_blanks(self) -> None:
        self._cut(len(self._rest) - len(self._rest.lstrip(BLANKS)))

    def _cut(self, length: int) -> bytes:
        head, self._rest = self._rest[:length], self._rest[length:]
        self._offset += length
        return head

    def _block(self, head: bytes) -> Iterator[Block]:
        """Yield the segments of bytes that end with a terminator and blanks."""
        is_plain = head.isascii() and _NUL not in head
        split = self._plain_pieces if is_plain else self._any_pieces
        widths, lengths, texts, odd = split(head)
        start = self._offset - len(head)
        ends = list(accumulate(map(add, widths, repeat(1)), initial=start))
        del ends[0]
        if _is_wrapped(head, self._marks.terminator):
            texts = [text.replace("\r", "").replace("\n", "") for text in texts]
        if 0 in lengths:
            kept = [index for index, length in enumerate(lengths) if length]
            texts, ends = [texts[i] for i in kept], [ends[i] for i in kept]
            odd = [number for number, index in enumerate(kept) if index in odd]
            lengths = [lengths[i] for i in kept]
        if texts:
            tag = tag_reader(self._marks.element)
            tags = list(map(tag, map(_START, texts)))
            ended = (
                () if ENVELOPE.isdisjoint(tags) else map(ENVELOPE.__contains__, tags)
            )
            yield Block(
                texts=texts,
                tags=tags,
                envelopes=list(compress(count(), ended)),
                ends=ends,
                lengths=lengths,
                first=self._number,
                before=self._before,
                marks=self._marks,
                odd=odd,
            )
            self._number += len(texts)
            self._before = ends[-1]

    def _plain_pieces(self, head: bytes) -> _Pieces:
        pieces = head.decode("ascii").split(self._marks.terminator.decode("ascii"))
        del pieces[-1]
        texts = list(map(str.lstrip, pieces, repeat(_BLANK_TEXT)))
        return list(map(len, pieces)), list(map(len, texts)), texts, []

    def _any_pieces(self, head: bytes) -> _Pieces:
        pieces = head.split(self._marks.terminator)
        del pieces[-1]
        stripped = [piece.lstrip(BLANKS) for piece in pieces]
        decoded = [_decoded(piece) for piece in stripped]
        odd = [index for index, (_, is_odd) in enumerate(decoded) if is_odd]
        texts = [text for text, _ in decoded]
        return list(map(len, pieces)), list(map(len, stripped)), texts, odd


def _is_wrapped(head: bytes, terminator: bytes) -> bool:
    """Tell whether a line ends within a segment: no value of X12 holds a line end."""
    if terminator in BLANKS:
        return b"\r" + terminator in head
    body = head.strip(BLANKS)
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
        if b"\r" in body:
            return True
    return body.count(b"\n") != body.count(terminator + b"\n")


def _decoded(raw: bytes) -> tuple[str, bool]:
    """Return the text of a segment, and whether it holds what is none."""
    text = raw.decode("utf-8", "surrogateescape").replace("\x00", _NUL_MARK)
    return text.rstrip("\r\n"), not text.isascii() and _SURROGATE.search(
        text
    ) is not None


def without_interchange() -> FileRefused:
    """Return the refusal of a file whose envelopes do not begin with an ISA."""
    return FileRefused(
        RefusalClass.ENVELOPE_INVALID,
        "the file has no usable ISA segment; deliver the whole interchange",
    )


def _not_x12(body: bytes) -> FileRefused:
    if body.startswith((b"GS", b"ST", _ISA)):
        return without_interchange()
    return FileRefused(
        RefusalClass.UNRECOGNISED_FORMAT,
        "the file is not X12: it does not begin with an ISA segment",
    )
