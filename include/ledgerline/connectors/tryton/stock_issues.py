"""Stock issues in Tryton: internal shipments from a store to consumption."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from ledgerline.connectors.tryton.client import Domain, TrytonClient
from ledgerline.connectors.tryton.codec import Row
from ledgerline.connectors.tryton.documents import (
    DoneIssue,
    IssueLine,
    Receipt,
    StockIssue,
)
from ledgerline.connectors.tryton.errors import (
    DuplicateReference,
    ErpRejected,
    StockShort,
)
from ledgerline.connectors.tryton.masters import Masters

MODEL = "stock.shipment.internal"
RECEIPT = ("number", "state")
# What brings a shipment from each state one step on towards `done`.
NEXT_ACTION = {"draft": "wait", "waiting": "assign_try", "assigned": "do"}
READ_BACK = (
    "number",
    "state",
    "effective_date",
    "external_reference",
    "from_location.code",
    "to_location.code",
    "moves.product.code",
    "moves.lot.number",
    "moves.quantity",
)
SHORTAGE = (
    "state",
    "from_location.code",
    "moves.state",
    "moves.product.code",
    "moves.lot.number",
    "moves.quantity",
)


@dataclass(frozen=True, kw_only=True)
class StockIssues:
    """The stock issues of one company."""

    client: TrytonClient
    masters: Masters

    def issue(self, issue: StockIssue) -> Receipt:
        """Create a shipment and move the stock; four requests, one step each.

        A receipt proves the stock has moved. `StockShort` and any other `ErpRejected`
        prove that it has not, and that the reference is free again: what was begun
        is cancelled. `DuplicateReference` proves a document with this reference
        exists: `find` it. `ErpUnreachable` or `ErpAnswerLost` prove nothing: `find`
        it after a quiet time, then `finish` what was begun or issue anew.
        """
        values = self._values(issue)
        try:
            row = self.client.create(MODEL, values, RECEIPT)
        except DuplicateReference:
            if not self._release_cancelled(issue.reference):
                raise
            row = self.client.create(MODEL, values, RECEIPT)
        return self._drive(int(row["id"]), str(row["state"]))

    def finish(self, document_id: int) -> Receipt:
        """Bring a shipment that an interrupted `issue` left behind to its end."""
        row = self.client.read(MODEL, [["id", "=", document_id]], RECEIPT)[0]
        if row["state"] == "done":
            return _receipt(document_id, row)
        return self._drive(document_id, row["state"])

    def discard(self, document_id: int) -> None:
        """Cancel a shipment that is not done, and free its reference."""
        self.client.act(MODEL, document_id, "cancel", RECEIPT)
        self.client.update(MODEL, document_id, {"external_reference": None})

    def find(self, reference: str) -> DoneIssue | None:
        """Read the issue with exactly this reference back; a cancelled one is none."""
        return next(self._search([["external_reference", "=", reference]]), None)

    def sweep(self, prefix: str) -> Iterator[DoneIssue]:
        """Read back every issue whose reference starts with a prefix."""
        pattern = prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return self._search([["external_reference", "like", f"{pattern}%"]])

    def _drive(self, document_id: int, state: str) -> Receipt:
        row: Row = {"state": state}
        try:
            while action := NEXT_ACTION.get(row["state"]):
                before = row["state"]
                row = self.client.act(MODEL, document_id, action, RECEIPT)
                if row["state"] == before:
                    raise self._shortage(document_id)
        except ErpRejected:
            # The refusal is what the caller must see, whatever the tidying meets.
            with suppress(ErpRejected):
                self.discard(document_id)
            raise
        return _receipt(document_id, row)

    def _shortage(self, document_id: int) -> StockShort:
        row = self.client.read(MODEL, [["id", "=", document_id]], SHORTAGE)[0]
        missing = ", ".join(
            f"{move['quantity'].normalize():f} of item {move['product']['code']}"
            + (f" lot {move['lot']['number']}" if move["lot"] else "")
            for move in row["moves"]
            if move["state"] == "draft"
        )
        return StockShort(
            f"location {row['from_location']['code']} lacks {missing}: receive or "
            "count the stock in the ERP, then release the entry again"
        )

    def _release_cancelled(self, reference: str) -> bool:
        """Free a reference that an interrupted `discard` left on a cancelled one."""
        cancelled = self.client.read(
            MODEL,
            [["external_reference", "=", reference], ["state", "=", "cancelled"]],
            ["id"],
        )
        for row in cancelled:
            self.client.update(MODEL, int(row["id"]), {"external_reference": None})
        return bool(cancelled)

    def _search(self, domain: Domain) -> Iterator[DoneIssue]:
        mine = [
            *domain,
            ["company", "=", self.client.company],
            ["state", "!=", "cancelled"],
        ]
        for page in self.client.pages(MODEL, mine, READ_BACK):
            for row in page:
                yield _done(row)

    def _values(self, issue: StockIssue) -> Row:
        if not issue.lines or any(line.quantity <= 0 for line in issue.lines):
            raise ErpRejected(
                f"stock issue {issue.reference} needs lines of positive quantities"
            )
        source = self.masters.find("location", issue.from_location_code)
        target = self.masters.find("location", issue.to_location_code)
        route = {"from_location": source, "to_location": target}
        return {
            **route,
            "company": self.client.company,
            "planned_date": issue.date,
            "planned_start_date": issue.date,
            "effective_date": issue.date,
            "external_reference": issue.reference,
            "moves": [["create", [{**route, **self._move(li)} for li in issue.lines]]],
        }

    def _move(self, line: IssueLine) -> Row:
        item = self.masters.row("item", line.item_code)
        move: Row = {
            "company": self.client.company,
            "product": item["id"],
            "unit": item["default_uom"]["id"],
            "quantity": float(line.quantity),
        }
        if line.lot_number:
            move["lot"] = self.masters.lot(line.item_code, line.lot_number)
        return move


def _receipt(document_id: int, row: Row) -> Receipt:
    return Receipt(document_id=document_id, number=row["number"], state=row["state"])


def _done(row: Row) -> DoneIssue:
    return DoneIssue(
        document_id=row["id"],
        number=row["number"] or "",
        reference=row["external_reference"],
        date=row["effective_date"],
        from_location_code=row["from_location"]["code"],
        to_location_code=row["to_location"]["code"],
        state=row["state"],
        lines=tuple(
            IssueLine(
                item_code=move["product"]["code"],
                lot_number=move["lot"]["number"] if move["lot"] else "",
                quantity=Decimal(move["quantity"]),
            )
            for move in row["moves"]
        ),
    )
