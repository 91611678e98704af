"""What a request is, and how one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ledgerline.canonical.errors import Rejected


class RequestRefused(Rejected):
    """A request breaks a rule of the four eyes, or does not fit; nothing changed."""

    code = "REQUEST_REFUSED"


class Action(StrEnum):
    """What can be asked for.

    Replay gives dead and conflicting entries another chance: what was sent is read
    back first. Waive lets later documents pass a rejected one. Override takes an ERP
    document for the entry's own. Compensate takes a posted document back by its
    reversal. Waive check lets a failed check pass in the next decision over its rows.
    Close month accrues what a month still misses, and lets it be sealed.
    """

    REPLAY = "replay"
    WAIVE = "waive"
    OVERRIDE = "override"
    COMPENSATE = "compensate"
    WAIVE_CHECK = "waive_check"
    CLOSE_MONTH = "close_month"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a person asks for, about what, and why."""

    action: Action
    subjects: tuple[str, ...]
    by: str
    reason: str
    erp_document: str | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, its state, and who asked and decided.

    From `expires_at` on nobody may approve it. Amount is in USD, 0 for checks.
    """

    request_id: int
    action: Action
    reason: str
    erp_document: str | None
    state: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    subjects: tuple[str, ...]
    amount: Decimal
