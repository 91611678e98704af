"""What the simulated world consists of: rows of the outbox, documents of the ERP."""

import uuid
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache

from ledgerline.posting.command import State
from ledgerline.posting.document import Journal, JournalLine, content_sha256
from ledgerline.posting.port import Policy

POLICY = Policy(
    call_seconds=3,
    lease_seconds=20,
    quiet_seconds=16,
    backoff_seconds=0.5,
    backoff_limit_seconds=4,
    attempt_limit=25,
    age_limit_seconds=1e9,
    patience_seconds=1e9,
    poll_seconds=5,
    breaker_failures=3,
    breaker_seconds=30,
)
FIRST, FALLBACK = "first way", "fallback"
KEYS = 3
"""Order keys: as many entries can be sent at once."""
LATEST_DELIVERY = 10
LONGEST_PAUSE_BEFORE_CALL = 0.9
CALM_AFTER = 400
END = 6000


class Trouble(StrEnum):
    """What the ERP has against one entry of a schedule, for good."""

    NOTHING = "nothing"
    REFUSED = "refused"
    FOREIGN = "another document under its reference"
    POISON = "never processed"


SETTLED_AS = {
    Trouble.REFUSED: State.REJECTED,
    Trouble.FOREIGN: State.CONFLICT,
    Trouble.POISON: State.DEAD,
}


@dataclass(frozen=True, kw_only=True)
class Bugs:
    """Defects of the outbox; defects of the protocol are planted by monkeypatch."""

    no_fence: bool = False
    no_order: bool = False
    no_quiet: bool = False
    ledger_apart: bool = False
    new_reference_per_attempt: bool = False
    rejection_does_not_block: bool = False
    doubt_changes_its_way: bool = False
    outcome_of_its_neighbour: bool = False
    only_the_first_is_written_ahead: bool = False


@dataclass(kw_only=True, slots=True)
class Row:
    number: int
    entry_id: uuid.UUID
    document: Journal
    sha: str
    order_key: int
    state: State = State.READY
    fence: int = 0
    lease_until: float = 0.0
    next_at: float = 0.0
    quiet_until: float = 0.0
    attempts: int = 0
    forgiven: int = 0
    erp_document: str | None = None
    is_waived: bool = False
    way: str = ""
    doubted: set[str] = field(default_factory=set)


@dataclass(kw_only=True, slots=True)
class Held:
    """A document in the ERP; readers see it from `seen_at` on."""

    number: int
    document: Journal
    sha: str
    is_effective: bool
    is_foreign: bool = False
    keyed_at: float = 0.0
    seen_at: float = 0.0


@cache
def journal(number, cents=0):
    """The document of an entry, or another one under the same reference."""
    amount = 100 + number + cents
    return Journal(
        reference=f"LL|k|MVH|2026-01-11|-|v{number}",
        posting_date=date(2026, 1, 11),
        lines=(
            JournalLine(account_code="11200", amount_cents=amount),
            JournalLine(account_code="40100", amount_cents=-amount),
        ),
    )


@cache
def sha_of(number, cents=0):
    return content_sha256(journal(number, cents))


@cache
def entry_id(number):
    return uuid.UUID(int=number)
