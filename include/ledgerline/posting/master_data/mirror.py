"""Mirror: read what the ERP has, before anything is proposed or released."""

from __future__ import annotations

import logging

from ledgerline.canonical.errors import Retriable
from ledgerline.posting.port import ErpPort
from ledgerline.posting.repository import master_data, planning

log = logging.getLogger(__name__)


def mirror(dsn: str, port: ErpPort) -> None:
    """Replace the mirror of the ERP's codes and periods by what it has now.

    While the ERP cannot be read, what it had when it was last read holds.
    """
    try:
        found = port.master_data()
    except Retriable as error:
        log.warning("the ERP's master data stays as it was last read: %s", error)
        return
    with planning.connection(dsn) as connection, connection.transaction():
        planning.lock_planning(connection)
        master_data.write_kinds(connection, port.name, found)
        master_data.write_periods(connection, found.periods)
    counts = {kind.value: len(codes) for kind, codes in found.codes.items()}
    log.info("the ERP has %s", counts or "no master data to tell: none is checked")
