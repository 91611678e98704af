"""Read CSV as records: one row a record, every cell the text that was sent.

Nothing is guessed: `NA`, `00123` and `1E5` stay what they are; an empty cell is null.
A row wider than its header would shift columns, so it refuses the file; a row of empty
cells is a blank line. A quote opens where a cell begins, else it is text like any.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from ledgerline.connectors.formats.lines import BYTE_ORDER_MARK
from ledgerline.connectors.formats.record import (
    MAX_RECORD_BYTES,
    FileRefused,
    Item,
    ReadContent,
    Record,
    RecordRefused,
    Refusal,
    RefusalClass,
    identifier,
)

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_END = b"\x1a"
"""What old systems end a file with."""
_CLOSING = re.compile(rb'(?:[^"]|"")*+"')


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """The bytes of one row without its line end, and whether an end followed."""

    offset: int
    text: bytes
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class _Header:
    """The columns of a file and what parts them."""

    names: tuple[str, ...]
    delimiter: str


def read(entity: str, key: Sequence[str], content: ReadContent) -> Iterator[Item]:
    """Yield every row below the header as a record or as a refusal.

    `key` names the columns that identify a row. Raises FileRefused when the header is
    ambiguous or lacks the key, when a row is wider than it, or a quote never ends.
    """
    header: _Header | None = None
    quotes = _Quotes()
    for row in _rows(content(), quotes):
        if header is None:
            header = _header(row, key)
            quotes.expect(header.delimiter)
            continue
        try:
            record = _record(entity, key, header, row)
            if record is not None:
                yield record
        except RecordRefused as refused:
            yield Refusal(
                resource_type=entity,
                refusal_class=refused.refusal_class,
                message=refused.message,
                byte_offset=row.offset,
                byte_length=len(row.text),
            )


def _header(row: _Row, key: Sequence[str]) -> _Header:
    try:
        text = _decoded(row.text)
        plain = _QUOTED.sub("", text)
        delimiter = max(_DELIMITERS, key=lambda mark: plain.count(mark))
        names = tuple(cell.strip() for cell in _cells(text, delimiter))
    except RecordRefused as refused:
        raise FileRefused(refused.refusal_class, f"header: {refused.message}") from None
    if "" in names or max(Counter(names).values()) > 1:
        raise FileRefused(
            RefusalClass.CONTRACT_DRIFT,
            "the header has a column without a name, or the same name twice",
        )
    if not set(key) <= set(names):
        raise FileRefused(
            RefusalClass.CONTRACT_DRIFT,
            f"the header lacks a column of the key ({', '.join(key)})",
        )
    return _Header(names=names, delimiter=delimiter)


def _record(
    entity: str, key: Sequence[str], header: _Header, row: _Row
) -> Record | None:
    """Return the record of a row; None for a blank one."""
    cells = _cells(_decoded(row.text), header.delimiter)
    if not any(map(str.strip, cells)):
        return None
    if len(cells) > len(header.names):
        raise FileRefused(
            RefusalClass.SHAPE,
            f"a row at byte {row.offset} is wider than the header; its columns would "
            "shift, so nothing of the file was taken",
        )
    if len(cells) < len(header.names):
        cut = not row.is_complete
        raise RecordRefused(
            RefusalClass.TRUNCATED_RECORD if cut else RefusalClass.SHAPE,
            f"the row has {len(cells)} cells below {len(header.names)} columns",
        )
    body = dict(zip(header.names, (cell or None for cell in cells), strict=True))
    text = orjson.dumps(body)
    return Record(
        resource_type=entity,
        resource_id=identifier(entity, [body[name] for name in key]),
        content_sha256=hashlib.sha256(text).digest(),
        byte_offset=row.offset,
        byte_length=len(row.text),
        body=text,
    )


def _decoded(text: bytes) -> str:
    try:
        found = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordRefused(RefusalClass.ENCODING, "the row is not UTF-8") from error
    if "\0" in found:
        raise RecordRefused(RefusalClass.ENCODING, "a cell holds a NUL character")
    return found


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise RecordRefused(
            RefusalClass.PARSE, "a quote stands where none can stand, or a cell is huge"
        ) from error
    return rows[0] if rows else []


class _Quotes:
    """Tells line by line whether a quoted cell is open at its end."""

    def __init__(self) -> None:
        self.is_open = False
        self.expect(_DELIMITERS)

    def expect(self, delimiters: str) -> None:
        """Let cells begin after one of these, and where a row does."""
        begin = b"(?:^|[" + re.escape(delimiters.encode()) + b"])"
        self._cell = re.compile(begin + b'"(?:[^"]|"")*+"')
        self._opening = re.compile(begin + b'"')

    def take(self, line: bytes) -> None:
        """Use the next line."""
        if b'"' not in line:
            return
        if self.is_open:
            closing = _CLOSING.match(line)
            if closing is None:
                return
            line = b'""' + line[closing.end() :]
        rest = self._cell.sub(b"", line)
        self.is_open = self._opening.search(rest) is not None


def _rows(content: Iterable[bytes], quotes: _Quotes) -> Iterator[_Row]:
    """Split into rows; a line end within quotes is part of its cell."""
    offset, rest, is_start = 0, b"", True
    row: list[bytes] = []
    for chunk in content:
        rest += chunk
        if is_start and len(rest) >= len(BYTE_ORDER_MARK):
            is_start = False
            if rest.startswith(BYTE_ORDER_MARK):
                rest, offset = rest[len(BYTE_ORDER_MARK) :], len(BYTE_ORDER_MARK)
        *whole, rest = rest.split(b"\n")
        for line in whole:
            row.append(line)
            quotes.take(line)
            if quotes.is_open:
                continue
            text = b"\n".join(row)
            yield from _row(offset, text, is_complete=True)
            offset, row = offset + len(text) + 1, []
        if len(rest) + sum(map(len, row)) > MAX_RECORD_BYTES:
            raise FileRefused(
                RefusalClass.RESOURCE_LIMIT,
                f"a row is longer than {MAX_RECORD_BYTES} bytes",
            )
    rest = rest.removesuffix(_END)
    row.append(rest)
    quotes.take(rest)
    if quotes.is_open:
        raise FileRefused(RefusalClass.SHAPE, "a quote is opened and never closed")
    yield from _row(offset, b"\n".join(row), is_complete=False)


def _row(offset: int, text: bytes, *, is_complete: bool) -> Iterator[_Row]:
    shown = text.removesuffix(b"\r")
    if shown.strip():
        yield _Row(offset=offset, text=shown, is_complete=is_complete)
