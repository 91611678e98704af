"""The source itself: exports where the server has them, searches where it has not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.fhir_server import readers
from ledgerline.connectors.fhir_server.bulk import export
from ledgerline.connectors.fhir_server.bulk.job import ExportMissing, Exports
from ledgerline.connectors.fhir_server.connection import options as connection
from ledgerline.connectors.fhir_server.connection.options import ServerOptions
from ledgerline.connectors.fhir_server.search import Searches
from ledgerline.connectors.fhir_server.transport.client import FhirClient
from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import Delivery, State

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FhirServer:
    """One FHIR server as a source; what it deletes, it says itself."""

    options: ServerOptions
    zone: str = "ehr"
    is_whole: bool = False

    @property
    def name(self) -> str:
        """The connection's name, which names batches, lock and state."""
        conn_id = self.options.conn_id
        is_of_zone = conn_id == self.zone or conn_id.startswith(f"{self.zone}_")
        return conn_id if is_of_zone else f"{self.zone}_{conn_id}"

    def deliveries(self, state: State) -> Iterator[Delivery]:
        """Offer what changed since the last complete run, or everything at first."""
        with FhirClient(self.options) as client:
            if self.options.mode != "search":
                try:
                    yield from export.deliveries(Exports(client=client, state=state))
                    return
                except ExportMissing as missing:
                    self._refuse_search(missing)
            yield from Searches(client=client, state=state).deliveries()

    def recognise(self, name: str, head: bytes) -> str:
        """Return the format of a file by its first bytes; deliveries say it already."""
        kind = fhir.recognise(name, head)
        return "" if kind is fhir.Kind.NONE else kind.value

    def reader(self, format_name: str) -> Reader:
        """Return the reader of a format; raises FormatUnknown when it is not ours."""
        return readers.reader(format_name)

    def _refuse_search(self, missing: ExportMissing) -> None:
        if self.options.mode == "bulk":
            raise ConfigurationInvalid(
                f"{self.options.where} has no $export; set the extra key mode to auto "
                "or search"
            ) from missing
        log.warning("%s has no $export; searching instead", self.options.where)


def source(endpoint: Endpoint) -> FhirServer:
    """Return the FHIR server of an `http` connection.

    Raises ConfigurationInvalid with the key of the connection to correct.
    """
    return FhirServer(options=connection.parse(endpoint))
