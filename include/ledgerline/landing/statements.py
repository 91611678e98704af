"""The named statements of queries.sql, with the raw schema filled in."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString

from psycopg import sql

_NAMED = re.compile(
    r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL
)


@cache
def statement(name: str, schema: str) -> sql.Composed:
    """Return the statement of this name for raw_ehr, raw_billing or raw_erp."""
    text: LiteralString = _texts()[name]
    return sql.SQL(text).format(zone=sql.Identifier(schema))


@cache
def _texts() -> dict[str, str]:
    text = files(__package__).joinpath("queries.sql").read_text(encoding="utf-8")
    return {found[1]: found[2] for found in _NAMED.finditer(text)}
