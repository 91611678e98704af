"""Answer a message: accepted (AA or CA), in error (AE, CE) or rejected (AR, CR).

A message that names neither MSH-15 nor MSH-16 is answered once, with AA, AE or AR. In
enhanced mode MSH-15 says when to tell that it is stored (CA, CE, CR) and MSH-16 when
to tell that it is taken (AA, AE, AR).
"""

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

__all__ = ["Code", "acknowledge", "answer_codes", "header_of_any", "read_header"]

Code = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
_ORIGINAL: tuple[Code, Code, Code] = ("AA", "AE", "AR")
_LEVELS: tuple[tuple[int, tuple[Code, Code, Code]], ...] = (
    (15, ("CA", "CE", "CR")),
    (16, _ORIGINAL),
)
"""In enhanced mode, in the order of the answers: which field asks for which codes."""
_REJECTED = {
    RefusalClass.CHARSET,
    RefusalClass.RESOURCE_LIMIT,
    RefusalClass.UNSUPPORTED_TRANSACTION,
}
"""Sending the same again cannot help, whatever its content: AR instead of AE."""
_NEVER = "NE"
_ONLY_ACCEPTED, _ONLY_REFUSED = "SU", "ER"
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


def answer_codes(header: Header, refused: RecordRefused | None) -> list[Code]:
    """Return what the sender wants to be answered, in order; nothing if it wants none.

    AR (CR) is for what cannot be read whatever is corrected in it.
    """
    is_rejected = refused is not None and refused.refusal_class in _REJECTED
    grade = (refused is not None) + is_rejected
    if not _is_enhanced(header):
        return [_ORIGINAL[grade]]
    return [
        codes[grade]
        for field, codes in _LEVELS
        if _is_wanted(header.at(field), is_accepted=refused is None)
    ]


def _is_enhanced(header: Header) -> bool:
    return any(header.at(field) not in {"", '""'} for field, _ in _LEVELS)


def _is_wanted(condition: str, *, is_accepted: bool) -> bool:
    """Tell whether MSH-15 or MSH-16 asks for an answer; what is not known does."""
    condition = condition.strip().upper()
    if condition in {"", '""', _NEVER}:
        return False
    if condition in {_ONLY_ACCEPTED, _ONLY_REFUSED}:
        return is_accepted == (condition == _ONLY_ACCEPTED)
    return True


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
    lines = [_msh(header, code, clock()), _msa(header, code, refused)]
    if refused is not None and _minor_version(header) >= _ERR_SINCE:
        lines.append(_err(refused, marks))
    return "".join(line + "\r" for line in lines).encode(header.codec)


def _msh(header: Header, code: Code, now: datetime) -> str:
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
        f"{code[0]}{header.control_id}",
        header.at(11) or "P",
        header.at(12) or "2.5.1",
        *("", "", *[_NEVER if _is_enhanced(header) else ""] * 2, ""),
        header.at(18),
    ]
    return marks.field.join(fields).rstrip(marks.field)


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
