"""Land an ERP in a process of its own: `landing_process.py DSN CONNECTION_FILE`."""

import json
import sys
from pathlib import Path

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import erp
from ledgerline.landing.land import land

described = json.loads(Path(sys.argv[2]).read_text())
land(sys.argv[1], erp.source(Endpoint(conn_id="erp", **described)))
