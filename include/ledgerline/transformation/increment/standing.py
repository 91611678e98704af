"""What an increment has found so far, and what follows of it for a step.

The rules are those of dbt_project/macros/unchanged.sql, where each is explained.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_TELLS_ALWAYS = re.compile(
    r"build\.(published_margin|requisition_asked|stock_issued)\b"
)
_TELLS_THE_DAY = re.compile(
    r"(?i)\b(current_date|current_timestamp|localtimestamp|now|\w+_timestamp)\b"
)
_READS_SCOPE = re.compile(r'build\.scope\b|"build"\.')
_READS_TOUCHED = re.compile(r"build\.touched\b")
_TYPES = re.compile(r"resource_type = '([^']+)'")
_RECORDS = {"current_record", "record", "sighting", "vanishing"}
_FOLDED = {"folded_visit", "folded_appointment", "redirect"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a node: whether it is a part of this build, and changed."""

    is_part: bool
    is_changed: bool


@dataclass(kw_only=True)
class Standing:
    """Outcomes by node, the kinds of records with news, and whether any is looked at.

    A kind is called by its zone: `raw_erp.stock.move`.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    news: frozenset[str] = frozenset()
    is_scope_empty: bool = False

    def is_unchanged(self, inputs: Iterable[str], sql: str) -> bool:
        """Whether what a node reads says the same as after the build before."""
        if _TELLS_ALWAYS.search(sql):
            return False
        if "clock.day" in self.news and _TELLS_THE_DAY.search(sql):
            return False
        return not any(self._is_news(node, sql) for node in inputs)

    def reads_parts(self, inputs: Iterable[str], sql: str) -> bool:
        """Whether a node reads the records of the scope, or what was made of them."""
        if _READS_SCOPE.search(sql):
            return True
        return any(
            node in self.outcomes and self.outcomes[node].is_part for node in inputs
        )

    def is_part(self, inputs: Iterable[str], sql: str) -> bool:
        """Whether a table holds what its build looked at, and nothing else."""
        return bool(_READS_TOUCHED.search(sql)) or self.reads_parts(inputs, sql)

    def note(self, node: str, *, is_part: bool, is_changed: bool) -> None:
        """Note what became of a node; what changed once in a build stays changed."""
        before = self.outcomes.get(node)
        self.outcomes[node] = Outcome(
            is_part=before.is_part if before else is_part,
            is_changed=is_changed or bool(before and before.is_changed),
        )

    def _is_news(self, node: str, sql: str) -> bool:
        kind, *_, zone, relation = node.split(".")
        if kind == "model":
            return node not in self.outcomes or self.outcomes[node].is_changed
        if kind != "source" or zone == "reference":
            return False
        if relation not in _RECORDS:
            return relation not in _FOLDED or f"{zone}.{relation}" in self.news
        types = set(_TYPES.findall(sql))
        fresh = {
            name.removeprefix(f"{zone}.")
            for name in self.news
            if name.startswith(f"{zone}.")
        }
        return bool(fresh & types if types else fresh)
