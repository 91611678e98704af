"""Land one folder in a process of its own: `landing_process.py DSN SOURCE FOLDER`."""

import resource
import sys

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.landing import land

dsn, source, folder = sys.argv[1:]
endpoint = Endpoint(conn_id="folder", conn_type="fs", extra={"path": folder})
report = getattr(land, f"land_{source}")(dsn, endpoint)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(report.received, report.landed, report.quarantined, report.duplicate, peak)
