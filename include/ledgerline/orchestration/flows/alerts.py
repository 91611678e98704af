"""What tells people."""

from __future__ import annotations

import logging

from ledgerline.orchestration import connections
from ledgerline.orchestration.flows.flow import flow, warehouse

log = logging.getLogger(__name__)


@flow
def send_alerts() -> None:
    """Note which alerts start and end, and tell the channels that are connected."""
    from ledgerline.operations.alerts import channel
    from ledgerline.operations.alerts.send import send_alerts as send

    kinds = {"alert_smtp": channel.mail, "alert_webhook": channel.webhook}
    found = [
        open_channel(endpoint)
        for name, open_channel in kinds.items()
        if (endpoint := connections.find(name))
    ]
    log.info("%s", send(warehouse(), found))
