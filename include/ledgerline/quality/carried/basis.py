"""What the outcome of a check rests on. Where that is the same, so is the outcome."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ledgerline.quality import expectations
from ledgerline.quality.check import CheckId
from ledgerline.quality.relation import CANDIDATE_PREFIX, RelationHash, data_hash
from ledgerline.quality.suite import Expectation, Kind, Suite

_CANDIDATE = re.compile(rf"\b{CANDIDATE_PREFIX}(\w+)\.(\w+)")
_QUALIFIED = re.compile(r"(?<!distinct )\b(?:from|join)\s+(\w+)\.", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(raw_\w+|ops|reference|post|build|published|audit|staging|intermediate)\."
    r'|"\s*\.'
    r"|\b(current_date|current_time\w*|local\w*time\w*|now|\w+_timestamp|random)\b",
    re.IGNORECASE,
)
"""What no hash of candidates tells of: other relations, quoted names, the clock."""


def reads(suite: Suite, demand: Expectation) -> frozenset[str] | None:
    """Return the labels of all candidates that a check reads; None if it reads more."""
    query = demand.query
    schemas = _QUALIFIED.findall(query)
    is_more = not all(each.startswith(CANDIDATE_PREFIX) for each in schemas)
    if is_more or _ELSEWHERE.search(query):
        return None
    named = {f"{schema}.{name}" for schema, name in _CANDIDATE.findall(query)}
    return frozenset(named | {suite.relation.label})


def bases(
    suites: Iterable[Suite],
    hashes: Iterable[RelationHash],
    floors: Mapping[str, int],
) -> dict[CheckId, str]:
    """Return the basis of each check that reads these candidates and nothing else."""
    known = {found.label: found for found in hashes}
    found = {}
    for suite in suites:
        for demand in suite.expectations:
            read = reads(suite, demand)
            if read is not None and read <= known.keys():
                rows = data_hash(known[label] for label in read)
                found[suite.check_id(demand)] = _basis(demand, rows, floors)
    return found


def _basis(demand: Expectation, rows: str, floors: Mapping[str, int]) -> str:
    floor = floors[demand.floor] if demand.kind is Kind.ROW_FLOOR else None
    said = [_evaluator(), asdict(demand), floor, rows]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@cache
def _evaluator() -> str:
    """Name who evaluates: the library's version, and our way of asking it."""
    asking = Path(expectations.__file__).read_bytes()
    return version("great-expectations") + hashlib.sha256(asking).hexdigest()
