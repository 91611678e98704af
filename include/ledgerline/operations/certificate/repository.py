"""The only place where certificates speak SQL."""

from __future__ import annotations

from typing import Any

from ledgerline.store.engine import Connection

_CERTIFICATE = """
select evidence, certificate_sha256
from post.certificate where entry_id = %s
"""


def issue(connection: Connection) -> None:
    """Certify every posted document that has no certificate yet."""
    while connection.execute("select post.issue_certificates(500)").fetchone() != (0,):
        pass


def find(connection: Connection, entry_id: object) -> tuple[Any, ...] | None:
    """Evidence of an entry's certificate, and its SHA-256."""
    return connection.execute(_CERTIFICATE, [entry_id]).fetchone()


def breaks(connection: Connection, entry_id: object) -> list[tuple[str, str]]:
    """What is no longer as it was certified, as (subject, problem)."""
    found = connection.execute(
        "select subject, problem from post.certificate_breaks(%s)", [entry_id]
    )
    return [(row[0], row[1]) for row in found]
