"""What a listener hands on: a message as received, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a message, once its bytes are committed."""

    STORED = "stored"
    REPEATED = "repeated"
    CONFLICT = "conflict"


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """The bytes of one message, who sent them and under which control id.

    `sender` is MSH-3 and MSH-4 with a bar between; it and `control_id` are empty where
    the header cannot be read. `peer` is a network address and nothing else.
    """

    sender: str
    control_id: str
    peer: str
    content: bytes


Commit = Callable[[Sequence[Received]], Awaitable[Sequence[Outcome]]]
"""Returns one outcome a message, in order, after all their bytes are committed.

Raises SourceUnavailable when they are not: then nobody is answered.
"""
