"""Compensate: a posted document is taken back by its equal and opposite."""

from __future__ import annotations

from datetime import date

from ledgerline.operations.requests import repository
from ledgerline.operations.requests.repository import Original
from ledgerline.operations.requests.request import Request, RequestRefused
from ledgerline.posting.document import PREFIX, from_payload, reversal_of
from ledgerline.posting.proposal import Group, NewEntry
from ledgerline.posting.repository import planning
from ledgerline.store.engine import Connection


def reverse(connection: Connection, request: Request) -> None:
    """Propose the reversals of a request's entries, as further versions of their keys.

    They wait for the gate like any entry. What the newest publication still wants of
    these keys is proposed anew by the next proposal.
    """
    publication = planning.newest_publication(connection)
    if publication is None:
        raise RequestRefused("nothing is published; there is nothing to take back")
    versions = planning.versions(connection)
    originals = repository.originals(connection, request.subjects)
    days = planning.open_dates(connection, [each.origin_date for each in originals])
    for original in originals:
        entry = _reversal(original, versions, days[original.origin_date])
        planning.insert_entry(connection, publication, entry)
        repository.link_facts(connection, entry.entry_id, original.entry_id)


def _reversal(original: Original, versions: dict[str, int], day: date) -> NewEntry:
    group = Group(
        document_kind=original.document_kind,
        facility_code=original.facility_code,
        posting_date=original.origin_date,
        hold_class=original.hold_class,
        store=original.payload.get("store", ""),
    )
    version = versions[group.stem] = versions[group.stem] + 1
    key = f"{group.stem}|v{version}"
    document = reversal_of(from_payload(original.payload), PREFIX + key, day)
    return NewEntry(
        group=group,
        version=version,
        natural_key=key,
        document=document,
        reverses=original.entry_id,
    )
