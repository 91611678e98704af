"""SQL files of named statements: a line `-- name: <name>` begins each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import LiteralString

_NAMED = re.compile(
    r"^-- name: (\w+)\n(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL
)


@cache
def named(package: str, file_name: str) -> Mapping[str, LiteralString]:
    """Return the statements of a package's SQL file by name."""
    text = files(package).joinpath(file_name).read_text(encoding="utf-8")
    return {found[1]: found[2] for found in _NAMED.finditer(text)}
