"""The port to an ERP: what posting asks of it, and what an adapter must declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from ledgerline.posting.document import Document, Journal, Requisition, StockMove


class Identity(StrEnum):
    """How the ERP keeps one document from being taken twice."""

    KEY = "KEY"
    REF = "REF"
    NONE = "NONE"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an adapter declares about its ERP and the way to it.

    `request_seconds` is the time-out of one request, `call_seconds` bounds one whole
    send with all its requests. `in_flight_seconds` bounds how long a request may
    still act after we gave up on it; None when nobody declared it. `pause_seconds`
    bounds a pause of this process between its last look at the lease and the request.
    """

    identity: Identity
    request_seconds: float
    call_seconds: float
    in_flight_seconds: float | None
    pause_seconds: float = 5.0
    may_duplicate: bool = True

    @property
    def is_safe(self) -> bool:
        """Tell whether documents may be posted without a person watching."""
        if self.in_flight_seconds is None:
            return False
        return self.identity is not Identity.NONE or not self.may_duplicate


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Times and limits of one drain, in seconds. post.erp_policy can change some."""

    call_seconds: float
    lease_seconds: float
    quiet_seconds: float
    backoff_seconds: float = 2.0
    backoff_limit_seconds: float = 300.0
    attempt_limit: int = 8
    age_limit_seconds: float = 86_400.0
    patience_seconds: float = 240.0
    poll_seconds: float = 1.0
    unreachable_limit: int = 1
    sends_per_minute: float | None = None
    breaker_failures: int = 5
    breaker_seconds: float = 300.0
    batch_limit: int = 8

    @property
    def batch_size(self) -> int:
        """How many entries a worker may hold; a pace lets it hold no second one."""
        return self.batch_limit if self.sends_per_minute is None else 1

    @classmethod
    def of(cls, profile: Profile) -> Policy:
        """Derive safe times from what the adapter declares."""
        in_flight = profile.in_flight_seconds or 0.0
        return cls(
            call_seconds=profile.call_seconds,
            lease_seconds=profile.call_seconds * 1.2 + profile.pause_seconds,
            quiet_seconds=profile.request_seconds
            + in_flight
            + profile.pause_seconds
            + 0.1,
            backoff_seconds=min(2.0, profile.call_seconds / 10),
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back from a send. `status` is None when nothing came back.

    A refusal is definitive and "not processed" means that the ERP has done nothing:
    both are the adapter's contract with its ERP. "Unreachable" ends the drain; it
    says nothing about the document.
    """

    status: int | None
    is_json: bool = False
    erp_document: str | None = None
    content_sha256: str | None = None
    error_code: str = ""
    is_refusal: bool = False
    is_not_processed: bool = False
    is_unreachable: bool = False
    retry_after_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class FoundDocument:
    """A document as the ERP holds it. A draft is not effective."""

    erp_document: str
    is_effective: bool
    document: Document


class Kind(StrEnum):
    """The kinds of code that documents name; post.erp_kind has their owners."""

    ACCOUNT = "account"
    COST_CENTER = "cost center"
    SERVICE_LINE = "service line"
    ITEM = "item"
    LOCATION = "location"


@dataclass(frozen=True, kw_only=True)
class Period:
    """A span of days that the ERP books into, or has closed."""

    first_day: date
    last_day: date
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class MasterData:
    """What one read found. A kind that the ERP does not tell is left out: not checked.

    So is a day of no period.
    """

    codes: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    periods: tuple[Period, ...] = ()


class ErpPort(Protocol):
    """One ERP. Every call may raise Retriable or AuthenticationFailed."""

    @property
    def name(self) -> str:
        """What the connection and post.erp_policy call the adapter."""

    @property
    def profile(self) -> Profile:
        """What the adapter declares."""

    def check(self) -> None:
        """Raise SourceUnavailable or AuthenticationFailed unless the ERP answers."""

    def master_data(self) -> MasterData:
        """Read the codes and periods that the ERP has, as far as it tells them."""

    def post_journal(self, journal: Journal, *, is_resend: bool) -> Answer:
        """Post a journal entry, finishing or replacing a draft left behind."""

    def post_stock_issue(self, move: StockMove, *, is_resend: bool) -> Answer:
        """Move goods, finishing or replacing a draft left behind."""

    def post_requisition(self, requisition: Requisition, *, is_resend: bool) -> Answer:
        """Ask a buyer for goods, finishing or replacing a draft left behind."""

    def find(self, document: Document) -> tuple[FoundDocument, ...]:
        """Read back every document that carries this document's reference."""

    def sweep(self, prefix: str) -> Iterable[FoundDocument]:
        """Read every document whose reference starts with the prefix."""
