"""Every document of the outbox held against what the ERP itself says it has."""

from collections import Counter
from decimal import Decimal

from tests.hospital import decimal_of

PREFIX = "LL|"
OPEN = "state not in ('POSTED', 'HELD', 'CANCELLED')"
_UNCOVERED = """
select count(*) from post.entry as entry
where state not in ('HELD', 'CANCELLED') and not exists (
    select from ops.publication as publication
    inner join ops.gate_decision as decision using (decision_id)
    where publication.publication_id = entry.publication_id
        and publication.data_hash = entry.data_hash
        and decision.data_hash = entry.data_hash
        and decision.suite_hash = entry.suite_hash
        and decision.verdict in ('PASS', 'HOLD')
        and decision.evaluated_count >= decision.required_count
        and not entry.facility_code = any(decision.held_facilities)
)
"""


def faults(hospital):
    """What is lost, doubled, wrong or past the gate, as counts; all should be 0."""
    posted = dict(
        hospital.rows(
            "select 'LL|' || natural_key, payload -> 'lines' from post.entry "
            "where state = 'POSTED'"
        )
    )
    held = in_erp(hospital.erp())
    effective = Counter(reference for reference, _ in held if reference)
    contents = dict(held)
    return {
        "lost": len(posted.keys() - effective.keys()),
        "extra": len(effective.keys() - posted.keys()),
        "doubled": sum(effective.values()) - len(effective),
        "wrong": sum(
            contents[reference] != wanted(lines)
            for reference, lines in posted.items()
            if reference in contents
        ),
        "not settled": hospital.value(f"select count(*) from post.entry where {OPEN}"),
        "past the gate": hospital.value(_UNCOVERED),
        "cents off": _cents_off(hospital),
        "broken audit events": len(hospital.rows("select * from audit.broken_event()")),
    }


def wanted(lines):
    """Amount by account, or quantity by item and lot, of an entry's payload.

    What is asked of a buyer names no lot.
    """
    content = Counter()
    for line in lines:
        if "account_code" in line:
            content[line["account_code"]] += line["amount_cents"]
        else:
            key = line["item_code"], line.get("lot_number", "")
            content[key] += Decimal(line["quantity"])
    return {key: value for key, value in content.items() if value}


def in_erp(erp):
    """Reference and content of every effective document with a reference of ours."""
    return [*_journals(erp), *_shipments(erp), *_requisitions(erp)]


def _journals(erp):
    content = {}
    fields = [
        *("account.code", "debit", "credit"),
        *("move.external_reference", "move.state"),
    ]
    for line in erp.search("account.move.line", fields):
        move = line["move"]
        if _is_ours(move["external_reference"]) and move["state"] == "posted":
            of = content.setdefault(
                move["id"], (move["external_reference"], Counter())
            )[1]
            cents = 100 * (decimal_of(line["debit"]) - decimal_of(line["credit"]))
            of[line["account"]["code"]] += int(cents)
    return [(reference, _nonzero(each)) for reference, each in content.values()]


def _shipments(erp):
    fields = ["quantity", "product.code", "lot.number"]
    moves = {move["id"]: move for move in erp.search("stock.move", fields)}
    found = []
    for shipment in erp.search(
        "stock.shipment.internal", ["external_reference", "state", "moves"]
    ):
        reference = shipment["external_reference"]
        if not _is_ours(reference) or shipment["state"] != "done":
            continue
        content = Counter()
        for move in map(moves.__getitem__, shipment["moves"]):
            lot = (move["lot"] or {}).get("number") or ""
            content[move["product"]["code"], lot] += decimal_of(move["quantity"])
        found.append((reference, _nonzero(content)))
    return found


def _requisitions(erp):
    fields = ["external_reference", "state", "lines.product.code", "lines.quantity"]
    found = []
    for asked in erp.search("purchase.requisition", fields):
        reference = asked["external_reference"]
        if not _is_ours(reference) or asked["state"] == "draft":
            continue
        content = Counter()
        for line in asked["lines"]:
            content[line["product"]["code"], ""] += decimal_of(line["quantity"])
        found.append((reference, _nonzero(content)))
    return found


def _cents_off(hospital):
    """Our ledger less what is POSTED, and less all that may be sent."""
    ledger, posted, proposed = hospital.rows(
        f"""
        select
            (select coalesce(sum(amount_cents), 0) from post.ledger),
            coalesce(sum(total_amount_cents) filter (where state = 'POSTED'), 0),
            coalesce(sum(total_amount_cents) filter (
                where state = 'POSTED' or {OPEN}
            ), 0)
        from post.entry
        """
    )[0]
    return int(abs(ledger - posted) + abs(ledger - proposed))


def _is_ours(reference):
    return bool(reference) and reference.startswith(PREFIX)


def _nonzero(content):
    return {key: value for key, value in content.items() if value}
