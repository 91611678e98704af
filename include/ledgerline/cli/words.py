"""Words that several commands share, and the warehouse they speak to."""

from __future__ import annotations

from typing import Annotated

import typer

from ledgerline import settings

Person = Annotated[str, typer.Option("--by", help="the person who says so")]
Reason = Annotated[str, typer.Option("--reason", help="why; it goes on record")]


def warehouse() -> str:
    """The owner's URL of the warehouse."""
    from ledgerline.runtime.warehouse import role_dsn

    return role_dsn(settings.load(), "owner")
