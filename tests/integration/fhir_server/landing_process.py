"""Land a FHIR server in a process of its own: `landing_process.py DSN ENDPOINT`."""

import json
import sys

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import fhir_server
from ledgerline.landing.land import land

dsn, endpoint = sys.argv[1:]
report = land(dsn, fhir_server.source(Endpoint(**json.loads(endpoint))))
print(report.received, report.landed, report.quarantined, report.duplicate)
