"""A mutant: one change of the product, made and taken back while tests run."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace


class Stillborn(Exception):
    """The change is not even valid: it is no mutant."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """`name` says what is changed to what; `alive` is the time in which it holds."""

    name: str
    alive: Callable[[], AbstractContextManager[None]]


def told_apart(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Number the changes that read the same."""
    seen: Counter[str] = Counter()
    for mutant in mutants:
        seen[mutant.name] += 1
        number = seen[mutant.name]
        yield (
            mutant if number == 1 else replace(mutant, name=f"{mutant.name} ({number})")
        )
