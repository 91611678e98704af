"""What the door costs a record, in CPU-seconds of this process.

FHIR resources are checked by their reader, and the door only counts them; rows of the
ERP and of feeds are compared with their whole contract, as agreed and with a property
too many in every row.
"""

import gzip
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import orjson

from ledgerline.connectors.formats.record import Record
from ledgerline.landing.door import Door

ROUNDS = 7
ROWS = 30_000
GOAL = 50_000


def record(entity, body):
    return Record(
        resource_type=entity,
        resource_id="1",
        content_sha256=b"",
        byte_offset=0,
        byte_length=len(body),
        body=body,
    )


def encounters():
    packed = ROOT / "include" / "sandbox" / "extract" / "Encounter.ndjson.gz"
    lines = gzip.decompress(packed.read_bytes()).splitlines()
    return [record("Encounter", line) for line in lines]


def ledger_lines(**more):
    row = {
        "id": 7,
        "move": {
            "id": 9,
            "number": "GL-2026-000007",
            "date": "2026-03-31",
            "state": "posted",
            "period": {"id": 3, "name": "2026-03"},
            "external_reference": "LL|PATIENT_REVENUE|MVH|2026-03-31|4100",
        },
        "account": {"id": 4, "code": "4100"},
        "debit": "0",
        "credit": "1234.50",
        "description": None,
        "party": None,
    }
    return [
        record("account.move.line", orjson.dumps(row | {"id": number} | more))
        for number in range(ROWS)
    ]


def rate(zone, records):
    door = Door(zone)
    begin = time.process_time()
    refused = sum(door.breach(each) is not None for each in records)
    taken = time.process_time() - begin
    if refused:
        sys.exit(f"{refused} records of zone {zone} were refused")
    return len(records) / max(taken, 1e-9)


def main():
    for name, zone, records in (
        ("door, FHIR resources", "ehr", encounters() * 10),
        ("door, ledger lines", "erp", ledger_lines()),
        ("door, ledger lines with a property too many", "erp", ledger_lines(extra=1)),
    ):
        rate(zone, records[:100])
        rates = [rate(zone, records) for _ in range(ROUNDS)]
        print(
            f"{name}: {statistics.median(rates):,.0f} records/CPU-s "
            f"(min {min(rates):,.0f} median {statistics.median(rates):,.0f} "
            f"max {max(rates):,.0f})  goal {GOAL:,}"
        )


if __name__ == "__main__":
    main()
