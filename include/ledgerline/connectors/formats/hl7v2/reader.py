"""Read a file of HL7 v2: one record a message; batches stand or fall by their count."""

from __future__ import annotations

from collections.abc import Iterator

from ledgerline.connectors.formats.hl7v2.extraction import record_of
from ledgerline.connectors.formats.hl7v2.framing import START, Framing, Piece
from ledgerline.connectors.formats.hl7v2.header import read_header
from ledgerline.connectors.formats.record import (
    FileRefused,
    Item,
    ReadContent,
    RecordRefused,
    Refusal,
    RefusalClass,
)

FORMAT = "hl7v2"
_BLANKS = b" \t\r\n\x1a"
_FAULTS = {
    RefusalClass.FRAMING: "the bytes are outside of any message",
    RefusalClass.RESOURCE_LIMIT: "the message is longer than 16 MB",
    RefusalClass.TRUNCATED: "the MLLP frame has no end; send the message again",
}
_COUNT_DIGITS = 10


def recognise(_name: str, head: bytes) -> str:
    """Return the format of a file by its first bytes; empty for an empty file.

    Raises FileRefused when it is not HL7 v2.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANKS)
    if not text:
        return ""
    wide = text.startswith((b"\xff\xfe", b"\xfe\xff"))
    if wide or text.startswith((START, b"MSH", b"FHS", b"BHS")):
        return FORMAT
    if b"\rMSH" in text or b"\nMSH" in text or START + b"MSH" in text:
        return FORMAT
    raise FileRefused(
        RefusalClass.UNRECOGNISED_FORMAT,
        "the file is not HL7 v2: no line of it begins with MSH",
    )


def read(content: ReadContent) -> Iterator[Item]:
    """Yield a record or a refusal for each message of a file, in order.

    A batch or file whose trailer counts otherwise is withdrawn whole. Raises
    FileRefused for UTF-16.
    """
    framing = Framing()
    batches = _Batches()
    for piece in framing.pieces(content()):
        if piece.fault is not None:
            batches.count += 1
            yield _refusal(piece, RecordRefused(piece.fault, _FAULTS[piece.fault]))
        elif not piece.data.startswith(b"MSH"):
            yield from batches.take(piece)
        else:
            batches.count += 1
            yield _item(piece, batches.unit, is_marked=framing.is_marked)
    yield from batches.finish()


def _item(piece: Piece, unit: int, *, is_marked: bool) -> Item:
    try:
        if is_marked and read_header(piece.data).codec not in {"utf-8", "ascii"}:
            raise RecordRefused(
                RefusalClass.CHARSET,
                "the file begins with a UTF-8 mark, but MSH-18 names another "
                "character set",
            )
        return record_of(piece.data, piece.offset, piece.length, unit)
    except RecordRefused as refused:
        return _refusal(piece, refused)


def _refusal(
    piece: Piece,
    refused: RecordRefused,
    *,
    resource_type: str = "HL7 message",
    withdraws: tuple[int, int] | None = None,
) -> Refusal:
    return Refusal(
        resource_type=resource_type,
        refusal_class=refused.refusal_class,
        message=refused.message,
        byte_offset=piece.offset,
        byte_length=piece.length,
        withdraws=withdraws,
    )


class _Batches:
    """The batch and the file that are open, and what they hold so far.

    Outside of any batch a message stands for itself: unit 0.
    """

    def __init__(self) -> None:
        self.count = 0
        self._file: Piece | None = None
        self._batch: Piece | None = None
        self._batches = 0
        self._first = 1
        self._last = 0

    @property
    def unit(self) -> int:
        """The unit of the message that comes next."""
        return self._last if self._file or self._batch else 0

    def take(self, piece: Piece) -> Iterator[Item]:
        """Use a batch segment and yield what it breaks."""
        name = piece.data[:3]
        if name == b"FHS":
            yield from self.finish()
            self._file, self._batches, self._first = piece, 0, self._last + 1
            self._next_unit()
        elif name == b"BHS":
            yield from self._end_batch(None)
            self._batch = piece
            self._batches += 1
            self._next_unit()
        elif name == b"BTS":
            yield from self._end_batch(piece)
        else:
            yield from self._end_batch(None)
            yield from self._end_file(piece)

    def finish(self) -> Iterator[Item]:
        """Refuse what has no trailer at the end of the file."""
        yield from self._end_batch(None)
        if self._file is not None:
            yield from self._end_file(None)

    def _next_unit(self) -> None:
        self._last += 1
        self.count = 0

    def _end_batch(self, trailer: Piece | None) -> Iterator[Item]:
        batch, self._batch = self._batch, None
        if batch is None:
            if trailer is not None:
                yield _mismatch(trailer, "a BTS segment has no batch before it", None)
            return
        if trailer is None or not _agrees(trailer, {self.count}):
            yield _mismatch(
                batch,
                "the batch has no BTS segment that agrees with its number of "
                "messages; deliver it again",
                (self._last, self._last),
            )
        if self._file is not None:
            self._next_unit()

    def _end_file(self, trailer: Piece | None) -> Iterator[Item]:
        opened, self._file = self._file, None
        if opened is None:
            if trailer is not None:
                yield _mismatch(trailer, "an FTS segment has no FHS before it", None)
            return
        counts = {self._batches} if self._batches else {0, 1, self.count}
        if trailer is None or not _agrees(trailer, counts):
            yield _mismatch(
                opened,
                "the file has no FTS segment that agrees with its number of batches; "
                "deliver it again",
                (self._first, self._last),
            )


def _mismatch(piece: Piece, message: str, withdraws: tuple[int, int] | None) -> Refusal:
    return _refusal(
        piece,
        RecordRefused(RefusalClass.COUNT_MISMATCH, message),
        resource_type="HL7 batch",
        withdraws=withdraws,
    )


def _agrees(trailer: Piece, counts: set[int]) -> bool:
    """Tell whether a trailer's count, which may be left out, is one of these."""
    line = trailer.data.splitlines()[0]
    fields = line.split(line[3:4]) if len(line) > 3 else []
    text = fields[1].strip() if len(fields) > 1 else b""
    if not text:
        return True
    return text.isdigit() and len(text) <= _COUNT_DIGITS and int(text) in counts
