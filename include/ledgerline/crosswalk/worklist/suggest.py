"""Suggest what an unmapped code could mean: best first, with a score and the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledgerline.crosswalk.code_set import NativeCode
from ledgerline.crosswalk.published import Candidate
from ledgerline.crosswalk.worklist.similarity import code_text, similarity

SAME_IDENTIFIER = 1.0
SAME_CODE = 0.98
NAME = 0.95
NAME_ELSEWHERE = 0.93
SAME_CODE_ELSEWHERE = 0.6
"""A code of one facility may mean another thing at the next: a name says more."""
LEAST = 0.3
SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Unmapped(NativeCode):
    """One code that nobody mapped; `native_name` is empty when no source says it."""

    native_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What another code of the set means, with the name that its source gives it."""

    facility_code: str
    native_code: str
    native_name: str
    canonical_code: str


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A canonical code, how likely it is meant, from 0 to 1, and why."""

    canonical_code: str
    canonical_name: str
    score: float
    reason: str


def suggest(
    code: Unmapped, candidates: Iterable[Candidate], known: Sequence[Known] = ()
) -> list[Suggestion]:
    """Return the most likely meanings of a code, at most SHOWN."""
    found = []
    for candidate in candidates:
        if candidate.code == "unmapped":
            continue
        alike = [each for each in known if each.canonical_code == candidate.code]
        score, reason = max(_grounds(code, candidate, alike))
        if score >= LEAST:
            found.append(
                Suggestion(
                    canonical_code=candidate.code,
                    canonical_name=candidate.name,
                    score=round(score, 2),
                    reason=reason,
                )
            )
    found.sort(key=lambda each: (-each.score, each.canonical_code))
    return found[:SHOWN]


def _grounds(
    code: Unmapped, candidate: Candidate, alike: Sequence[Known]
) -> Iterable[tuple[float, str]]:
    native = code_text(code.native_code)
    if candidate.identifier and code_text(candidate.identifier) == native:
        yield SAME_IDENTIFIER, "same identifier"
    if code_text(candidate.code) == native:
        yield SAME_CODE, "same code"
    likeness = similarity(code.native_name, candidate.name)
    yield NAME * likeness, "same name" if likeness == 1 else "similar name"
    for each in alike:
        likeness = similarity(code.native_name, each.native_name)
        yield (
            NAME_ELSEWHERE * likeness,
            f"named like {each.native_code} at {each.facility_code}",
        )
        if code_text(each.native_code) == native:
            yield SAME_CODE_ELSEWHERE, f"same code at {each.facility_code}"
