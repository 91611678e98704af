"""The characters that separate a message, and what its escape sequences stand for."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import msgspec

from ledgerline.connectors.formats.record import RecordRefused, RefusalClass

LONGEST_REMEMBERED = 1000
"""Longer text is never kept to be recognised: memory stays bounded."""
Meaning = TypeVar("Meaning")
_SHORTEST = 4
_LONGEST = 5
_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")
_CHARSET_SWITCH = re.compile(r"[CM][0-9A-Fa-f]{4,6}")


class Separators(msgspec.Struct, frozen=True, eq=False):
    """MSH-1 and the four or five characters of MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    truncation: str = ""

    @property
    def declared(self) -> str:
        """MSH-2 as it is written."""
        return (
            self.component
            + self.repetition
            + self.escape
            + self.subcomponent
            + self.truncation
        )


STANDARD = Separators("|", "^", "~", "\\", "&")


class Remembered(dict[str, Meaning]):
    """What texts mean where these separators hold; a feed repeats many of them.

    When there are too many all are forgotten.
    """

    def __init__(
        self,
        meaning: Callable[[str, Separators], Meaning],
        marks: Separators,
        most: int,
    ) -> None:
        """Remember nothing yet."""
        super().__init__()
        self._meaning, self._marks, self._most = meaning, marks, most

    def __missing__(self, text: str) -> Meaning:
        """Work out what a text means; raises what `meaning` raises."""
        found = self._meaning(text, self._marks)
        if len(text) <= LONGEST_REMEMBERED:
            if len(self) >= self._most:
                self.clear()
            self[text] = found
        return found


@lru_cache(maxsize=256)
def separators(field: str, declared: str, *, is_whole: bool = True) -> Separators:
    """Return the separators that MSH-1 `field` and MSH-2 `declared` name.

    `is_whole` when something follows MSH-2. Raises RecordRefused when they are cut
    off, too few or cannot be told apart.
    """
    if len(declared) < _SHORTEST and is_whole:
        raise RecordRefused(
            RefusalClass.SEGMENT_DELIM,
            "MSH-2 names fewer than four separators; send all, usually ^~\\&",
        )
    if len(declared) < _SHORTEST:
        raise RecordRefused(
            RefusalClass.TRUNCATED, "the message ends within its MSH segment"
        )
    marks = field + declared
    if (
        len(declared) > _LONGEST
        or len(set(marks)) < len(marks)
        or any(not _is_separator(mark) for mark in marks)
    ):
        raise RecordRefused(
            RefusalClass.SEGMENT_DELIM,
            "MSH-1 and MSH-2 do not name distinct separators",
        )
    return Separators(field, *declared)


def unescaped(text: str, marks: Separators, codec: str) -> str:
    """Return a value with its escape sequences resolved; unknown ones stay.

    Raises RecordRefused for a NUL, for bytes that are not of the message's
    character set and for a switch to another one.
    """
    parts = text.split(marks.escape)
    if len(parts) < 3:
        return text
    out = [parts[0]]
    at = 1
    while at < len(parts):
        if at == len(parts) - 1:
            out.append(marks.escape + parts[at])
            break
        found = _meaning(parts[at], marks, codec)
        if found is None:
            out.append(marks.escape + parts[at])
            at += 1
        else:
            out += (found, parts[at + 1])
            at += 2
    return "".join(out)


def _meaning(sequence: str, marks: Separators, codec: str) -> str | None:
    """Return what stands for an escape sequence; None when it is none."""
    known = {
        "F": marks.field,
        "S": marks.component,
        "R": marks.repetition,
        "E": marks.escape,
        "T": marks.subcomponent,
        "P": marks.truncation or "#",
        "H": "",
        "N": "",
        ".br": "\n",
    }.get(sequence)
    if known is not None:
        return known
    if _CHARSET_SWITCH.fullmatch(sequence):
        raise RecordRefused(
            RefusalClass.CHARSET,
            "a value switches to another character set; send it in UTF-8",
        )
    digits = _HEX.fullmatch(sequence)
    return _of_bytes(bytes.fromhex(digits[1]), codec) if digits else None


def _of_bytes(data: bytes, codec: str) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise RecordRefused(
            RefusalClass.ENCODING,
            "an escape sequence holds bytes that are no text of the message's "
            "character set",
        ) from error
    if "\x00" in text:
        raise RecordRefused(RefusalClass.ENCODING, "a value holds a NUL character")
    return text


def escaped(text: str, marks: Separators) -> str:
    """Return a text that holds no separator, for a field that we write."""
    out = text.replace(marks.escape, f"{marks.escape}E{marks.escape}")
    for mark, letter in (
        (marks.field, "F"),
        (marks.component, "S"),
        (marks.repetition, "R"),
        (marks.subcomponent, "T"),
    ):
        out = out.replace(mark, f"{marks.escape}{letter}{marks.escape}")
    return out.replace("\r", " ").replace("\n", " ")


def _is_separator(mark: str) -> bool:
    return mark.isascii() and mark.isprintable() and not mark.isalnum() and mark != " "
