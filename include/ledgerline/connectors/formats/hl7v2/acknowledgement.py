"""Answer a message: accepted (AA), in error (AE) or rejected (AR)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from ledgerline.connectors.formats.hl7v2.header import (
    Header,
    header_of_any,
    read_header,
)
from ledgerline.connectors.formats.hl7v2.separators import Separators, escaped
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

__all__ = ["Code", "acknowledge", "answer_code", "header_of_any", "read_header"]

Code = Literal["AA", "AE", "AR"]
_REJECTED = {
    RefusalClass.CHARSET,
    RefusalClass.RESOURCE_LIMIT,
    RefusalClass.UNSUPPORTED_TRANSACTION,
}
"""Sending the same again cannot help, whatever its content: AR instead of AE."""
_CONDITIONS = {
    RefusalClass.TRUNCATED: ("100", "Segment sequence error"),
    RefusalClass.FRAMING: ("100", "Segment sequence error"),
    RefusalClass.SEGMENT_DELIM: ("100", "Segment sequence error"),
    RefusalClass.SEGMENT_INVALID: ("100", "Segment sequence error"),
    RefusalClass.ID_MISSING: ("101", "Required field missing"),
    RefusalClass.DATE_INVALID: ("102", "Data type error"),
    RefusalClass.NUMBER_INVALID: ("102", "Data type error"),
    RefusalClass.AMOUNT_INVALID: ("102", "Data type error"),
    RefusalClass.AMOUNT_SCALE: ("102", "Data type error"),
    RefusalClass.ENCODING: ("102", "Data type error"),
    RefusalClass.CODE_INVALID: ("103", "Table value not found"),
    RefusalClass.CHARSET: ("103", "Table value not found"),
    RefusalClass.UNSUPPORTED_TRANSACTION: ("200", "Unsupported message type"),
    RefusalClass.DUPLICATE_CONFLICT: ("205", "Duplicate key identifier"),
}
_INTERNAL = ("207", "Application internal error")
_VERSION = re.compile(r"2\.(\d{1,2})(?:\.\d{1,2})?")
_ERR_SINCE = 5
"""ERR has the form that is written here since HL7 2.5."""


def answer_code(refused: RecordRefused) -> Code:
    """Return AR for what cannot be read whatever is corrected in it, else AE."""
    return "AR" if refused.refusal_class in _REJECTED else "AE"


def acknowledge(
    header: Header,
    code: Code,
    refused: RecordRefused | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> bytes:
    """Return the answer to a message, without its MLLP frame.

    `refused` is named in ERR (HL7 2.5 and later), or in MSA-3 before that. The text
    never holds a value of the message.
    """
    marks = header.separators
    lines = [_msh(header, clock()), _msa(header, code, refused)]
    if refused is not None and _minor_version(header) >= _ERR_SINCE:
        lines.append(_err(refused, marks))
    return "".join(line + "\r" for line in lines).encode(header.codec)


def _msh(header: Header, now: datetime) -> str:
    marks = header.separators
    kind = marks.component.join(
        part for part in ("ACK", header.trigger if header.at(9) else "", "ACK") if part
    )
    if not header.trigger:
        kind = "ACK"
    fields = [
        *("MSH", marks.declared),
        *(header.at(5), header.at(6), header.at(3), header.at(4)),
        now.strftime("%Y%m%d%H%M%S%z"),
        "",
        kind,
        f"A{header.control_id}",
        header.at(11) or "P",
        header.at(12) or "2.5.1",
    ]
    if header.at(18):
        fields += ["", "", "", "", "", header.at(18)]
    return marks.field.join(fields)


def _msa(header: Header, code: Code, refused: RecordRefused | None) -> str:
    fields = ["MSA", code, header.control_id]
    if refused is not None and _minor_version(header) < _ERR_SINCE:
        fields.append(escaped(refused.message, header.separators)[:80])
    return header.separators.field.join(fields)


def _err(refused: RecordRefused, marks: Separators) -> str:
    number, name = _CONDITIONS.get(refused.refusal_class, _INTERNAL)
    return marks.field.join(
        (
            *("ERR", "", ""),
            marks.component.join((number, name, "HL70357")),
            "E",
            escaped(refused.refusal_class.value, marks),
            *("", ""),
            escaped(refused.message, marks),
        )
    )


def _minor_version(header: Header) -> int:
    found = _VERSION.fullmatch(header.version)
    return int(found[1]) if found else _ERR_SINCE
