"""Take out of dbt's log and run results what PostgreSQL quotes of a refused row.

A statement that PostgreSQL refuses comes back with the value that it refused, and dbt
writes that down. Names of relations, columns and constraints stay; everything else in
double quotes goes, and so do the lines that tell of the row.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

REMOVED = "(removed)"
_TOLD = r"DETAIL|CONTEXT|HINT|QUERY|WHERE|LINE \d+"
_NEXT = rf"\n\s*(?:{_TOLD}):|\n\s*compiled code at|\n\d\d:\d\d:\d\d"
_ROW = re.compile(rf"(?s)\b({_TOLD}):(?:(?!{_NEXT}).)*")
_NAMED = (
    "relation|column|constraint|table|index|schema|role|function|type|view|sequence|"
    "database|model|test|seed"
)
_QUOTED = re.compile(rf'(?s)\b(?:{_NAMED}) "[\w.$]+"|"(?:(?!{_NEXT}).)*"')


def without_values(text: str) -> str:
    """Return an error of PostgreSQL, or a log of some, without the values.

    A value may hold quotes and ends of lines: what is removed ends with the last quote
    before the next part of the error.
    """
    rest = _ROW.sub(rf"\1: {REMOVED}", text)
    return _QUOTED.sub(
        lambda found: REMOVED if found[0].startswith('"') else found[0], rest
    )


def scrub_log(path: Path) -> None:
    """Rewrite a log in place; whoever has it open appends to what is left."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        text = file.read().decode(errors="replace")
        file.seek(0)
        file.write(without_values(text).encode())
        file.truncate()


def scrub_results(path: Path) -> None:
    """Rewrite the messages of dbt's run results."""
    if not path.exists():
        return
    results = json.loads(path.read_text())
    for result in results["results"]:
        if result.get("message"):
            result["message"] = without_values(result["message"])
    path.write_text(json.dumps(results))
