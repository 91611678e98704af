"""What a changeset is, and how one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ledgerline.canonical.errors import Held, Rejected
from ledgerline.crosswalk.code_set import NativeCode


class ChangesetRefused(Rejected):
    """A change of mappings breaks a rule of review; nothing was changed."""

    code = "CHANGESET_REFUSED"


class ChangesetStale(Held):
    """Nobody has seen what a change of mappings moves now."""

    code = "CHANGESET_STALE"


@dataclass(frozen=True, kw_only=True)
class Mapping(NativeCode):
    """What a native code means, from a day on; `valid_to` is exclusive."""

    canonical_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class Changeset:
    """One proposed change: its file, its state, and who proposed and decided it.

    From `expires_at` on nobody may approve it.
    """

    changeset_id: int
    file_name: str
    state: str
    row_count: int
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    publication_id: int | None


@dataclass(frozen=True, kw_only=True)
class Move:
    """Dollars that a changeset moves from one meaning to another."""

    code_set: str
    source_system: str
    record_kind: str
    from_code: str
    to_code: str
    record_count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What a changeset moves over one publication; None while there is none."""

    publication_id: int | None
    moves: tuple[Move, ...]

    @property
    def amount(self) -> Decimal:
        """All dollars that move, whatever they count as."""
        return sum((abs(move.amount) for move in self.moves), Decimal("0.00"))
