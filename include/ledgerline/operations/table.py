"""Rows laid out for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.table import Table

WIDTH = 110


def table(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Lay rows out for a terminal; columns of numbers are aligned to the right."""
    materialised = list(rows)
    grid = Table(title=title, title_justify="left", title_style="bold")
    for position, header in enumerate(headers):
        is_number = any(
            isinstance(row[position], int | Decimal) for row in materialised
        )
        grid.add_column(
            header, justify="right" if is_number else "left", overflow="fold"
        )
    for row in materialised:
        grid.add_row(*(_text(value) for value in row))
    return grid


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if value.as_tuple().exponent != 0 else f"{value:,}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return "" if value is None else escape(str(value))
