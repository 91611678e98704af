"""What the tests of the door and of replay share: pages of rows, queries, numbers."""

import io
import json
from dataclasses import dataclass
from functools import partial

from ledgerline.connectors.erp import ErpSource
from ledgerline.connectors.source import Delivery
from ledgerline.connectors.tryton.extract.page import ROWS, Page
from ledgerline.landing.land import land


def page(entity, *rows, number=1):
    return Page(
        name=f"{entity}-{number:05d}.ndjson",
        format=f"{ROWS}{entity}",
        content=lines(*rows),
    )


def lines(*rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def land_pages(dsn, *pages):
    return land(dsn, ErpSource(pages=lambda _: pages))


def balance(item="ITM1", quantity="10", **more):
    return {
        "location_code": "MVH-6010-STO",
        "item_code": item,
        "lot_number": "",
        "quantity": quantity,
        "unit": "u",
    } | more


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """A source of one zone that offers these files, in order."""

    files: tuple
    reader_of: object
    zone: str = "ehr"
    name: str = "ehr_fhir"
    is_whole: bool = False
    format: str = "fhir-ndjson"

    def deliveries(self, _state):
        for name, content in self.files:
            yield Delivery(
                name=name, format=self.format, opened=partial(io.BytesIO, content)
            )

    def recognise(self, _name, _head):
        return self.format

    def reader(self, format_name):
        return self.reader_of(format_name)


def rows(connection, query, *values):
    return connection.execute(query, values).fetchall()


def numbers(report):
    return (report.received, report.landed, report.quarantined, report.duplicate)
