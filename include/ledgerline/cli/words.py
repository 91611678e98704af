"""Words that several commands share, and the warehouse they speak to."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from ledgerline import settings

if TYPE_CHECKING:
    from ledgerline.operations.raw_bytes import Reader

Person = Annotated[str, typer.Option("--by", help="the person who says so")]
Reason = Annotated[str, typer.Option("--reason", help="why; it goes on record")]


def warehouse() -> str:
    """The owner's URL of the warehouse."""
    from ledgerline.runtime.warehouse import role_dsn

    return role_dsn(settings.load(), "owner")


def reader(role: str) -> Reader:
    """Return who looks at raw bytes, and as which role of the warehouse."""
    from ledgerline.operations.raw_bytes import Reader
    from ledgerline.runtime.warehouse import role_dsn

    dsn = role_dsn(settings.load(), role)
    return Reader(dsn=dsn, role=role, by=getpass.getuser())
