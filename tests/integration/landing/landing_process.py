"""Land one folder in a process of its own: `landing_process.py DSN SOURCE FOLDER`."""

import sys
from pathlib import Path

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.landing import land

dsn, source, folder = sys.argv[1:]
endpoint = Endpoint(conn_id="folder", conn_type="fs", extra={"path": folder})
report = getattr(land, f"land_{source}")(dsn, endpoint)
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0])
print(report.received, report.landed, report.quarantined, report.duplicate, peak)
