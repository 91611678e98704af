"""What other readers find in X12, in one shape with what ours finds."""

import io
import json
import warnings
from decimal import Decimal

import oxedi

from ledgerline.connectors.formats.record import Record
from tests.unit.connectors.x12_text import read

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyx12 import error_handler, params, x12context

FIRST = {
    "HEADER": "BPR",
    "2100": "CLP",
    "2300": "CLM",
    "2200D": "TRN",
    "2000": "AK2",
}
"""The segment that begins a loop."""


def bodies(text, resource_type):
    return [
        json.loads(item.body)
        for item in read(text)
        if isinstance(item, Record) and item.resource_type == resource_type
    ]


def money(text):
    return Decimal(text or "0")


def ours_835(text):
    """Return payments, claims, lines and adjustments as we land them."""
    paid = bodies(text, "835.claim")
    lines = [(at, line) for at, claim in enumerate(paid) for line in claim["lines"]]
    adjusted = [(at, each) for at, claim in enumerate(paid) for each in parts_of(claim)]
    whole = bodies(text, "835.transaction")
    return {
        "payments": [money(body["payment_amount"]) for body in whole],
        "claims": [
            (
                claim["account_number"],
                claim["status_code"],
                money(claim["charge_amount"]),
                money(claim["paid_amount"]),
                money(claim.get("patient_responsibility_amount")),
                claim["payer_claim_control_number"],
            )
            for claim in paid
        ],
        "lines": [
            (
                at,
                line.get("procedure_code") or line.get("revenue_code", ""),
                money(line["charge_amount"]),
                money(line["paid_amount"]),
                money(line.get("allowed_amount")),
            )
            for at, line in lines
        ],
        "adjustments": sorted(
            (at, each["group_code"], each["reason_code"], money(each["amount"]))
            for at, each in adjusted
        ),
        "provider adjustments": [
            (each["reason_code"], money(each["amount"]))
            for body in whole
            for each in body["provider_adjustments"]
        ],
    }


def parts_of(claim):
    yield from claim["adjustments"]
    for line in claim["lines"]:
        yield from line["adjustments"]


def oxedi_835(text):
    """Return the same as oxedi finds it."""
    tables = oxedi.parse(text).tables
    return {
        "payments": [
            money(row["total_payment_amount"]) for row in rows(tables["payments"])
        ],
        "claims": [
            (
                row["claim_id"],
                row["claim_status"],
                money(row["charge_amount"]),
                money(row["payment_amount"]),
                money(row["patient_responsibility"]),
                row["payer_control_number"],
            )
            for row in rows(tables["claims"])
        ],
        "lines": [
            (
                int(row["claim"]),
                row["procedure_code"],
                money(row["charge_amount"]),
                money(row["payment_amount"]),
                money(row["allowed_amount"]),
            )
            for row in rows(tables["services"])
        ],
        "adjustments": sorted(
            (
                int(row["claim"]),
                row["group_code"],
                row["reason_code"],
                money(row["amount"]),
            )
            for row in rows(tables["adjustments"])
        ),
        "provider adjustments": [
            (row["reason_code"], money(row["amount"]))
            for row in rows(tables["provider_adjustments"])
        ],
    }


def rows(table):
    """Read a table from its text: it has no other way out without Arrow."""
    header, *found = table.render().strip().splitlines()[1:]
    names = [name.split(":")[0] for name in header.split(" | ")]
    for line in found:
        values = line.split(" | ")
        yield {
            name: "" if value == "∅" else value
            for name, value in zip(names, values, strict=True)
        }


def loops(text, name):
    """Yield the loops of a name as pyx12's context reader finds them.

    It also makes loops of what follows a segment that it does not know; those lack
    their first segment and are left out.
    """
    reader = x12context.X12ContextReader(
        params.params(), error_handler.errh_null(), io.StringIO(text.decode("latin-1"))
    )
    for node in reader.iter_segments(name):
        if node.id == name and begins(node, FIRST[name]):
            yield node


def begins(node, tag):
    segments = (found["segment"] for found in node.iterate_segments())
    return next(segments).get_seg_id() == tag


def pyx12_835(text):
    """Return the same as pyx12 finds it."""
    claims = list(loops(text, "2100"))
    lines = [(at, line) for at, claim in enumerate(claims) for line in each_line(claim)]
    places = [(at, node) for at, claim in enumerate(claims) for node in nodes(claim)]
    return {
        "payments": [money(node.get_value("BPR02")) for node in loops(text, "HEADER")],
        "claims": [
            (
                claim.get_value("CLP01"),
                claim.get_value("CLP02"),
                money(claim.get_value("CLP03")),
                money(claim.get_value("CLP04")),
                money(claim.get_value("CLP05")),
                claim.get_value("CLP07"),
            )
            for claim in claims
        ],
        "lines": [
            (
                at,
                line.get_value("SVC01-2") or "",
                money(line.get_value("SVC02")),
                money(line.get_value("SVC03")),
                money(line.get_value("AMT[B6]02")),
            )
            for at, line in lines
        ],
        "adjustments": sorted(
            (
                at,
                cas.get_value("CAS01"),
                cas.get_value(f"CAS{place:02}"),
                money(cas.get_value(f"CAS{place + 1:02}")),
            )
            for at, node in places
            for cas in node.select("CAS")
            for place in range(2, 18, 3)
            if cas.get_value(f"CAS{place:02}")
        ),
    }


def each_line(claim):
    return claim.select("2110")


def nodes(claim):
    yield claim
    yield from each_line(claim)


def ours_837(text):
    """Return claims, lines and codes as we land them."""
    sent = bodies(text, "837.claim")
    return {
        "claims": [
            (claim["account_number"], money(claim["charge_amount"])) for claim in sent
        ],
        "lines": [
            (
                at,
                line["line_number"],
                line.get("revenue_code", ""),
                line.get("procedure_code", ""),
                money(line["charge_amount"]),
                money(line.get("quantity")),
            )
            for at, claim in enumerate(sent)
            for line in claim["lines"]
        ],
        "diagnoses": [[each["code"] for each in claim["diagnoses"]] for claim in sent],
    }


def pyx12_837(text):
    """Return the same as pyx12 finds it, with the nearest map that it has."""
    text = text.replace(b"005010X222A2", b"005010X222A1")
    claims = list(loops(text.replace(b"005010X223A3", b"005010X223A2"), "2300"))
    return {
        "claims": [
            (claim.get_value("CLM01"), money(claim.get_value("CLM02")))
            for claim in claims
        ],
        "lines": [
            (at, line.get_value("LX01"), *service(line))
            for at, claim in enumerate(claims)
            for line in claim.select("2400")
            if begins(line, "LX")
        ],
        "diagnoses": [list(diagnoses(claim)) for claim in claims],
    }


def service(line):
    if line.get_value("SV203"):
        code = line.get_value("SV202-2") or ""
        amounts = line.get_value("SV203"), line.get_value("SV205")
        return (line.get_value("SV201"), code, *map(money, amounts))
    amounts = line.get_value("SV102"), line.get_value("SV104")
    return ("", line.get_value("SV101-2"), *map(money, amounts))


def diagnoses(claim):
    for segment in claim.select("HI"):
        for place in range(1, 13):
            qualifier = segment.get_value(f"HI{place:02}-1")
            if qualifier in {"BK", "BF", "BJ", "BN", "PR", "ABK", "ABF", "ABJ"}:
                yield segment.get_value(f"HI{place:02}-2")
