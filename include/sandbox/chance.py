"""Seeded draws: the same seed and names give the same value on every machine."""

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A stream of draws that depends only on the names it was made with."""

    def __init__(self, *names: object) -> None:
        """Start the stream of `names`, the seed among them."""
        self._random = random.Random(  # noqa: S311, a simulation
            "/".join(str(name) for name in names)
        )

    def share(self) -> float:
        """Return a number in [0, 1)."""
        return self._random.random()

    def happens(self, probability: float) -> bool:
        """Return whether an event of this probability happens."""
        return self.share() < probability

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.share() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, each equally likely."""
        return options[self.whole(0, len(options) - 1)]

    def weighted(self, weights: Mapping[str, int]) -> str:
        """Return one of the keys, as often as its weight says."""
        left = self.whole(1, sum(weights.values()))
        for key, weight in weights.items():
            left -= weight
            if left <= 0:
                return key
        return next(iter(weights))
