"""Bytes as received, for a role that may read them: they hold patients' values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from rich.console import Console

from ledgerline.canonical.errors import Rejected
from ledgerline.operations import repository
from ledgerline.store.engine import Connection, connect

SHOWN_BYTES = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""What a terminal would act on instead of showing it; a line feed it may."""


class BytesForbidden(Rejected):
    """The database role may not read raw bytes."""

    code = "BYTES_FORBIDDEN"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads the bytes, with which role of the database."""

    dsn: str
    role: str
    by: str


@contextmanager
def reading(reader: Reader) -> Iterator[Connection]:
    """Connect as the reader's role; raises BytesForbidden when it may not read."""
    try:
        with connect(reader.dsn) as connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise BytesForbidden(
            f"the role {reader.role} may not read raw bytes; ask whoever may, "
            "or show it without --bytes"
        ) from error


def note_shown(dsn: str, subject: str, subject_id: str, reader: Reader) -> None:
    """Put on the audit chain who looks at which bytes."""
    detail = {"by": reader.by, "role": reader.role}
    with connect(dsn) as connection:
        repository.note_bytes_shown(connection, subject, subject_id, detail)


def print_bytes(out: Console, found: bytes) -> None:
    """Print bytes as received, the first of very many; controls are escaped."""
    cut = f" (the first {SHOWN_BYTES})" if len(found) > SHOWN_BYTES else ""
    out.print(f"\nBytes as received{cut}:")
    text = found[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    text = _CONTROL.sub(lambda control: f"\\x{ord(control[0]):02x}", text)
    out.print(text, soft_wrap=True, markup=False, emoji=False)
