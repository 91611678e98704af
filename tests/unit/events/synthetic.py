"""Events made for tests from messages, through the reader itself."""

import json

from ledgerline.connectors.formats.record import Record
from ledgerline.events.event import Event
from tests.unit.connectors.formats.hl7v2_text import read


def event(message, record_id=1):
    (record,) = read(message)
    assert isinstance(record, Record), record
    return Event(
        record_id=record_id,
        resource_id=record.resource_id,
        body=json.loads(record.body),
    )


def events(*messages):
    return [event(message, number) for number, message in enumerate(messages, 1)]
