"""Send alerts: each channel is told once of a start and once of an end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ledgerline.operations.alerts import repository
from ledgerline.operations.alerts.channel import Channel, TargetFailed
from ledgerline.store.engine import Connection, connect

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class AlertReport:
    """What one round told, and which channels did not take it."""

    noted: int = 0
    sent: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def send_alerts(
    dsn: str, channels: Sequence[Channel], asked_at: datetime | None = None
) -> AlertReport:
    """Note which alerts start and end, then tell every channel what it was not told.

    A channel that fails is tried again later and keeps no other from being told.
    Killed between a target's yes and ours, a message goes out twice, under one id.
    """
    now = asked_at or datetime.now(UTC)
    report = AlertReport()
    with connect(dsn) as connection:
        repository.take_turn(connection)
        names = [channel.name for channel in channels]
        report.noted = repository.note(connection, now, names)
        for channel in channels:
            try:
                report.sent[channel.name] = _tell(connection, channel, now)
            except TargetFailed as error:
                report.failed[channel.name] = error.message
                repository.put_off(connection, channel.name, now, error.message)
                log.warning("%s takes no alert (%s)", channel.name, error.message)
    return report


def _tell(connection: Connection, channel: Channel, now: datetime) -> int:
    limit = repository.left(connection, channel.name, now)
    waiting = repository.waiting(connection, channel.name, now, limit)
    for alert in waiting:
        channel.tell(alert)
        repository.note_sent(connection, channel.name, now, alert)
    return len(waiting)
