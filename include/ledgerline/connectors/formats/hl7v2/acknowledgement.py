"""Answer a message: accepted (AA or CA), in error (AE, CE) or rejected (AR, CR).

A message that names neither MSH-15 nor MSH-16 is answered once, with AA, AE or AR. In
enhanced mode MSH-15 says when to tell that it is stored (CA, CE, CR) and MSH-16 when
to tell that it is taken (AA, AE, AR).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from ledgerline.connectors.formats.hl7v2.header import (
    Header,
    header_of_any,
    message_type,
    read_header,
)
from ledgerline.connectors.formats.hl7v2.separators import Separators, escaped
from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

__all__ = ["Code", "acknowledge", "answer_codes", "header_of_any", "read_header"]

Code = Literal["AA", "AE", "AR", "CA", "CE", "CR"]
_STORED: tuple[Code, Code, Code] = ("CA", "CE", "CR")
_TAKEN: tuple[Code, Code, Code] = ("AA", "AE", "AR")
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


def answer_codes(header: Header, refused: RecordRefused | None) -> tuple[Code, ...]:
    """Return what the sender wants to be answered, in order; nothing if it wants none.

    AR (CR) is for what cannot be read whatever is corrected in it.
    """
    is_rejected = refused is not None and refused.refusal_class in _REJECTED
    grade = (refused is not None) + is_rejected
    return _codes(header.at(15), header.at(16), grade)


@lru_cache(maxsize=256)
def _codes(accept: str, application: str, grade: int) -> tuple[Code, ...]:
    if not _is_enhanced(accept, application):
        return (_TAKEN[grade],)
    return tuple(
        codes[grade]
        for condition, codes in ((accept, _STORED), (application, _TAKEN))
        if _is_wanted(condition, is_accepted=grade == 0)
    )


def _is_enhanced(accept: str, application: str) -> bool:
    return not {accept, application} <= {"", '""'}


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
    marks, fields = header.separators, header.fields
    named = fields[2:6] + fields[8:9] + fields[10:12] + fields[14:18]
    to_time, to_id, rest = _msh(tuple(named), marks)
    sent = _stamp(clock().replace(microsecond=0))
    msh = f"{to_time}{sent}{to_id}{code[0]}{header.control_id}{rest}"
    lines = [msh, _msa(header, code, refused)]
    if refused is not None and _minor_version(header) >= _ERR_SINCE:
        lines.append(_err(refused, marks))
    return "".join(line + "\r" for line in lines).encode(header.codec)


@lru_cache(maxsize=256)
def _msh(named: tuple[str, ...], marks: Separators) -> tuple[str, str, str]:
    """Return the parts of an answer's header around its time and its id.

    `named` are MSH-3 to 6, 9, 11, 12 and 15 to 18 of the message, as far as it has
    them.
    """
    given = (*named, *[""] * (11 - len(named)))
    kind, processing, version, accept, application, _, charset = given[4:]
    trigger = message_type(kind, marks.component)[1]
    never = _NEVER if _is_enhanced(accept, application) else ""
    answer = marks.component.join(("ACK", trigger, "ACK")) if trigger else "ACK"
    before = ("MSH", marks.declared, *given[2:4], *given[:2], "")
    after = ("", processing or "P", version or "2.5.1", "", "", never, never, "")
    return (
        marks.field.join(before),
        marks.field.join(("", "", answer, "")),
        marks.field.join((*after, charset)).rstrip(marks.field),
    )


@lru_cache(maxsize=8)
def _stamp(now: datetime) -> str:
    return now.strftime("%Y%m%d%H%M%S%z")


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
