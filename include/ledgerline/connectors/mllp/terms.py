"""What holds for every connection of a listener: limits, counts, whom to hand on to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ledgerline.connectors.formats.record import MAX_RECORD_BYTES
from ledgerline.connectors.mllp.receipt import Commit

LARGE_BYTES = 1024 * 1024
"""From here on an unfinished message needs one of the few places for large ones."""
_LARGE_MESSAGES = 8


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many, how large, how long.

    `idle_seconds` is how long a connection may be silent between messages,
    `receive_seconds` how long one message, or the taking of an answer, may last, and
    `drain_seconds` how long a stop waits for what is being committed.
    """

    connections: int = 200
    message_bytes: int = MAX_RECORD_BYTES
    idle_seconds: float = 3600.0
    receive_seconds: float = 60.0
    drain_seconds: float = 15.0


@dataclass(kw_only=True)
class Tally:
    """What a listener has seen since it started."""

    connections: int = 0
    turned_away: int = 0
    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    timeouts: int = 0
    cut_messages: int = 0
    skipped_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of a conversation: what all connections of one listener share."""

    commit: Commit
    limits: Limits
    tally: Tally = field(default_factory=Tally)
    large_messages: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(_LARGE_MESSAGES)
    )
