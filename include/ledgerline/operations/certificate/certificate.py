"""Issue, show and verify the certificates of posted documents."""

from __future__ import annotations

import json
from typing import Any

from ledgerline.canonical.errors import Rejected
from ledgerline.operations.certificate import repository
from ledgerline.operations.trace import find_entry
from ledgerline.operations.verify import (
    Promise,
    changed_files,
    check_chain,
    stored_files,
)
from ledgerline.store.engine import Connection, connect


class NothingCertified(Rejected):
    """No posted document has this identifier."""

    code = "NOTHING_CERTIFIED"


def certify(dsn: str) -> None:
    """Certify every posted document that has no certificate yet."""
    with connect(dsn) as connection:
        repository.issue(connection)


def certificate(dsn: str, identifier: str) -> dict[str, Any]:
    """Return the certificate of an entry id, natural key or ERP document number.

    A document that was posted before it could be certified is certified now.
    """
    with connect(dsn) as connection:
        repository.issue(connection)
        return _certificate(connection, identifier)


def verify_document(dsn: str, identifier: str) -> list[Promise]:
    """Hold a document against its certificate, its bytes and the audit chain."""
    with connect(dsn) as connection, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        found = _certificate(connection, identifier)
        return check_document(connection, found)


def check_document(connection: Connection, found: dict[str, Any]) -> list[Promise]:
    """Check what a certificate rests on, on the state that a connection sees."""
    wanted = {
        (f"raw_{each['zone']}", each["content_sha256"]) for each in found["inputs"]
    }
    kept = [
        file for file in stored_files(connection) if (file[0], file[3].hex()) in wanted
    ]
    return [
        Promise(
            sentence="All that stands behind the document is as certified",
            breaks=tuple(repository.breaks(connection, found["entry_id"])),
        ),
        Promise(
            sentence="The files behind it have the bytes that were received",
            breaks=tuple(changed_files(connection, kept)),
        ),
        check_chain(connection),
    ]


def as_json(found: dict[str, Any]) -> str:
    """Write a certificate for people and programs."""
    return json.dumps(found, indent=2, sort_keys=False)


def _certificate(connection: Connection, identifier: str) -> dict[str, Any]:
    entry = find_entry(connection, identifier)
    found = repository.find(connection, entry[0]) if entry else None
    if found is None:
        state = f"is {entry[2]}" if entry else "is not known"
        raise NothingCertified(
            f"{identifier} {state}, and has no certificate; only what the ERP took is "
            "certified, by the next run of post_to_erp"
        )
    evidence, sha256 = found
    entry_part, verdict = evidence["entry"], evidence["verdict"]
    return {
        "entry_id": entry_part["entry_id"],
        "natural_key": entry_part["natural_key"],
        "erp_document": entry_part["erp_document"],
        "amount_usd": f"{entry_part['total_amount']:.2f}",
        "posted_at": entry_part["posted_at"],
        "publication": entry_part["publication_id"],
        "verdict": verdict["verdict"],
        "data_hash": entry_part["data_hash"],
        "suite_hash": entry_part["suite_hash"],
        "model_version": verdict["model_version"],
        "code_version": verdict["code_version"],
        "attempts": entry_part["attempts"],
        "chain_position": evidence["steps"][-1]["event_id"],
        "inputs": evidence.get("inputs", []),
        "certificate_sha256": sha256,
        "evidence": evidence,
    }
