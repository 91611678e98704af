"""One call of our HTTP surface: taken or asked to wait; a write done once.

Counts and answers are in the warehouse: they hold over every worker of the API server,
and a worker that is killed takes nothing with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from ledgerline.canonical.errors import Rejected
from ledgerline.operations.calls import repository
from ledgerline.store.engine import connect


class IdempotencyKeyReused(Rejected):
    """A key of an earlier write came with another one; nothing was done."""

    code = "IDEMPOTENCY_KEY_REUSED"


class OutcomeUnknown(Rejected):
    """A write of this key was begun and cut off; nobody knows whether it was done."""

    code = "OUTCOME_UNKNOWN"


@dataclass(frozen=True, kw_only=True)
class Write:
    """What a person sends: under which key, to which path, with which fields."""

    person: str
    key: str
    path: str
    fields: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """The hash that tells one write from another; of values it keeps nothing."""
        told = json.dumps([self.path, sorted(self.fields.items())])
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a write was answered, and whether it was done before."""

    said: str
    is_replayed: bool


def seconds_to_wait(dsn: str, person: str, kind: str) -> float:
    """Count a call of a person; return how long to wait where it is one too many."""
    with closing(connect(dsn)) as connection:
        return repository.take(connection, person, kind)


def once(dsn: str, write: Write, act: Callable[[], str]) -> Answer:
    """Do a write, or answer as the first time; of two at once the second one waits.

    Raises IdempotencyKeyReused when the key stood for another write, and
    OutcomeUnknown when the worker that did it was cut off.
    """
    with closing(connect(dsn)) as connection:
        repository.lock(connection, write.person, write.key)
        known = repository.begin(connection, write.person, write.key, write.fingerprint)
        if known is None:
            said = act()
            repository.keep(connection, write.person, write.key, said)
            return Answer(said=said, is_replayed=False)
    if known.fingerprint != write.fingerprint:
        raise IdempotencyKeyReused(
            "this Idempotency-Key stood for another write; send a new key"
        )
    if known.answer is None:
        raise OutcomeUnknown(
            "this write was begun and cut off; see on the page whether it was done, "
            "then send it with a new key"
        )
    return Answer(said=known.answer, is_replayed=True)
