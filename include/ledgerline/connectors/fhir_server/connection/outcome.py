"""Read of an OperationOutcome only what holds no patient's value: its codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_CODE = re.compile(r"[a-z-]{1,40}")
_GRAVE = frozenset({"error", "fatal"})


def issue_codes(document: Mapping[str, Any]) -> str:
    """Return the issue codes of an OperationOutcome, for a message."""
    codes = {str(issue.get("code", "")) for issue in _issues(document)}
    named = sorted(code for code in codes if _CODE.fullmatch(code))
    return ", ".join(named) or "no reason given"


def is_grave(document: Mapping[str, Any]) -> bool:
    """Tell whether an outcome says that something is missing."""
    return any(issue.get("severity") in _GRAVE for issue in _issues(document))


def _issues(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    found = document.get("issue")
    for issue in found if isinstance(found, list) else ():
        if isinstance(issue, Mapping):
            yield issue
