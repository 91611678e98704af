"""The reader of a stored file, found by source and format without its connection."""

from __future__ import annotations

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import ehr_folder, erp, feeds, hl7_folder, x12_folder
from ledgerline.connectors.fhir_server.readers import reader as fhir_server_reader
from ledgerline.connectors.formats import container
from ledgerline.connectors.formats.record import (
    FileRefused,
    ReadContent,
    Reader,
    RefusalClass,
)
from ledgerline.connectors.mllp import frame_file
from ledgerline.connectors.source import FormatUnknown, Source

_NOWHERE = Endpoint(conn_id="replay", conn_type="")
_FOLDERS: dict[str, Source] = {
    "ehr_fhir": ehr_folder.source(_NOWHERE),
    "billing_x12": x12_folder.source(_NOWHERE),
    "ehr_hl7v2": hl7_folder.source(_NOWHERE),
    "erp": erp.source(_NOWHERE),
}
"""What told the formats of a source's files. They offer nothing here."""
_READERS = (
    fhir_server_reader,
    feeds.reader,
    frame_file.reader,
    *(source.reader for source in _FOLDERS.values()),
)
_HEAD_BYTES = 64 * 1024


def reader(format_name: str) -> Reader:
    """Return today's reader of a format.

    Raises FileRefused when the product has none.
    """
    for find in _READERS:
        try:
            return find(format_name)
        except FormatUnknown:
            continue
    raise FileRefused(
        RefusalClass.UNRECOGNISED_FORMAT,
        "no reader of this product knows the format; deliver the file again",
    )


def recognise(source: str, name: str, content: ReadContent) -> str:
    """Return today's format of a file that nobody recognised when it came.

    Raises FileRefused when it still is none.
    """
    known = _FOLDERS.get(source)
    head = b""
    for chunk in content():
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    found = known.recognise(name, head[:_HEAD_BYTES]) if known else ""
    if not found:
        raise FileRefused(
            RefusalClass.UNRECOGNISED_FORMAT, "the file has no known format"
        )
    return found


def decoded(chunks: ReadContent) -> ReadContent:
    """Return the content inside the container that stored bytes are."""
    return lambda: container.decode(chunks())
