"""What the landing tests share: an endpoint, encounters, queries, numbers."""

import json
from pathlib import Path

from ledgerline.canonical.endpoint import Endpoint

MESSAGES = Path(__file__).parents[2] / "messages"
ENCOUNTER = {
    "resourceType": "Encounter",
    "status": "finished",
    "class": {"code": "IMP"},
}


def endpoint(folder):
    return Endpoint(conn_id="folder", conn_type="fs", extra={"path": str(folder)})


def encounters(prefix, count, **changes):
    return b"".join(
        json.dumps(ENCOUNTER | {"id": f"{prefix}{number}"} | changes).encode() + b"\n"
        for number in range(count)
    )


def rows(connection, query, *values):
    return connection.execute(query, values).fetchall()


def numbers(report):
    return (report.received, report.landed, report.quarantined, report.duplicate)
