"""What a message of an alert says. No patient values: counts, times, names of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One message: the start or the end of an alert."""

    alert_id: int
    phase: str
    cause: str
    owner: str
    since: datetime
    cause_count: int
    what: str
    next_action: str
    started_at: datetime
    ended_at: datetime | None

    @property
    def message_id(self) -> str:
        """Names the message: said again after a crash, it is the same one."""
        return f"ledgerline-alert-{self.alert_id}-{self.phase}"

    @property
    def subject(self) -> str:
        """One line for a list of messages."""
        state = "over" if self.phase == "ended" else "alert"
        return f"[Ledgerline] {state}: {self.what} ({self.cause})"

    @property
    def text(self) -> str:
        """The message as plain text."""
        ended = (
            f"\nOver since {self.ended_at:%Y-%m-%d %H:%M} UTC." if self._is_over else ""
        )
        return (
            f"{self.what}\n\nCause: {self.cause}, {self.cause_count} in all\n"
            f"Owner: {self.owner}\nSince: {self.since:%Y-%m-%d %H:%M} UTC\n"
            f"Next: {self.next_action}\n{ended}"
        )

    @property
    def body(self) -> dict[str, object]:
        """The message as a webhook takes it."""
        return {
            "id": self.message_id,
            "phase": self.phase,
            "cause": self.cause,
            "owner": self.owner,
            "count": self.cause_count,
            "what": self.what,
            "next_action": self.next_action,
            "since": self.since.isoformat(),
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
        }

    @property
    def _is_over(self) -> bool:
        return self.phase == "ended" and self.ended_at is not None
