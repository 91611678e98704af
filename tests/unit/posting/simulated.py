"""What the simulated world consists of: rows of the outbox, documents of the ERP."""

from dataclasses import dataclass

from ledgerline.posting.document import Journal
from ledgerline.posting.port import Policy
from ledgerline.posting.protocol import State

POLICY = Policy(
    call_seconds=3,
    lease_seconds=20,
    quiet_seconds=16,
    backoff_seconds=0.5,
    backoff_limit_seconds=4,
    attempt_limit=200,
    age_limit_seconds=1e9,
    patience_seconds=1e9,
)
LATEST_DELIVERY = 10
CALM_AFTER = 400
END = 6000
SETTLED = {State.POSTED}
OPEN = {State.READY, State.CLAIMED, State.SENDING, State.UNKNOWN}


@dataclass(frozen=True, kw_only=True)
class Bugs:
    """Defects of the outbox; defects of the protocol are planted by monkeypatch."""

    no_fence: bool = False
    no_order: bool = False
    no_quiet: bool = False
    ledger_apart: bool = False
    new_reference_per_attempt: bool = False


@dataclass(kw_only=True)
class Row:
    number: int
    document: Journal
    order_key: int
    state: State = State.READY
    fence: int = 0
    lease_until: float = 0.0
    next_at: float = 0.0
    quiet_until: float = 0.0
    attempts: int = 0
    erp_document: str | None = None


@dataclass(kw_only=True)
class Held:
    number: int
    document: Journal
    is_effective: bool
