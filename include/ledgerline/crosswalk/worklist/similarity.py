"""How alike two names or codes are, from 0 to 1."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache

# Words that say what kind of thing is named, and so tell nothing apart.
_WEAK = frozenset({"and", "of", "the", "for", "in", "dept", "department", "unit"})
_WORD = re.compile(r"[^a-z0-9.]+")
_APOSTROPHE = re.compile(r"['\u2019]")
PREFIX = 4


@cache
def words(text: str) -> tuple[str, ...]:
    """Return the words of a name in small letters, without the weak ones."""
    plain = _APOSTROPHE.sub("", text.lower())
    found = (word.strip(".") for word in _WORD.split(plain))
    return tuple(word for word in found if word and word not in _WEAK)


def code_text(code: str) -> str:
    """Return what identifies a code: letters and digits, without leading zeros."""
    return re.sub(r"[^a-z0-9]", "", code.lower()).lstrip("0")


def similarity(left: str, right: str) -> float:
    """Compare two names by their words, in any order, and by their letters."""
    ours, theirs = words(left), words(right)
    if not ours or not theirs:
        return 0.0
    if sorted(ours) == sorted(theirs):
        return 1.0
    shared = _shared(ours, theirs)
    if not shared:
        return 0.0
    letters = SequenceMatcher(
        None, " ".join(sorted(ours)), " ".join(sorted(theirs)), autojunk=False
    ).ratio()
    return min(0.99, 0.7 * shared + 0.3 * letters)


def _shared(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    """Return the share of words that the names have in common, or begin alike."""
    few, many = sorted((ours, theirs), key=lambda name: (len(name), name))
    common = sum(max(_alike(word, other) for other in many) for word in few)
    return 2 * common / (len(few) + len(many))


def _alike(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if min(len(word), len(other)) < PREFIX or word[:PREFIX] != other[:PREFIX]:
        return 0.0
    return 0.8
