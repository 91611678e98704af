"""Requisitions in Tryton: asked for by us, approved and ordered by a buyer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from ledgerline.connectors.tryton.client import Domain, TrytonClient
from ledgerline.connectors.tryton.codec import Row
from ledgerline.connectors.tryton.documents import (
    Receipt,
    Requisition,
    RequisitionLine,
    SubmittedRequisition,
)
from ledgerline.connectors.tryton.errors import ErpRejected
from ledgerline.connectors.tryton.masters import Masters

MODEL = "purchase.requisition"
MODULE = "purchase_requisition"
RECEIPT = ("number", "state")
READ_BACK = (
    "number",
    "state",
    "supply_date",
    "external_reference",
    "lines.product.code",
    "lines.quantity",
)


@dataclass(frozen=True, kw_only=True)
class Requisitions:
    """The requisitions of one company."""

    client: TrytonClient
    masters: Masters

    def submit(self, requisition: Requisition) -> Receipt:
        """Create a requisition and hand it to the buyers; two requests.

        A receipt proves that it waits for them. `ErpRejected` proves that it does not,
        and that the reference is free. `DuplicateReference` proves a requisition with
        this reference exists: `find` it. `ErpUnreachable` or `ErpAnswerLost` prove
        nothing: `find` it after a quiet time, then `finish` the draft or submit anew.
        """
        if not self._is_offered():
            raise ErpRejected(
                f"{self.client.where} has no requisitions: activate Tryton's module "
                f"{MODULE}, or remove the items from stock_policy.csv"
            )
        row = self.client.create(MODEL, self._values(requisition), RECEIPT)
        return self._hand_over(int(row["id"]))

    def finish(self, document_id: int) -> Receipt:
        """Hand over a draft that an interrupted `submit` left behind."""
        row = self.client.read(MODEL, [["id", "=", document_id]], RECEIPT)[0]
        if row["state"] == "draft":
            return self._hand_over(document_id)
        return _receipt(document_id, row)

    def discard(self, document_id: int) -> None:
        """Delete a draft; a buyer's decision is never deleted."""
        self.client.delete(MODEL, document_id)

    def find(self, reference: str) -> SubmittedRequisition | None:
        """Read the requisition with exactly this reference back, refused or not."""
        return next(self._search([["external_reference", "=", reference]]), None)

    def sweep(self, prefix: str) -> Iterator[SubmittedRequisition]:
        """Read back every requisition whose reference starts with a prefix."""
        pattern = prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return self._search([["external_reference", "like", f"{pattern}%"]])

    def _hand_over(self, document_id: int) -> Receipt:
        try:
            row = self.client.act(MODEL, document_id, "wait", RECEIPT)
        except ErpRejected:
            # The refusal is what the caller must see, whatever the tidying meets.
            with suppress(ErpRejected):
                self.discard(document_id)
            raise
        return _receipt(document_id, row)

    def _is_offered(self) -> bool:
        """Ask whether this Tryton has requisitions at all."""
        active = [["name", "=", MODULE], ["state", "=", "activated"]]
        return bool(self.client.read("ir.module", active, ["id"]))

    def _search(self, domain: Domain) -> Iterator[SubmittedRequisition]:
        if not self._is_offered():
            return
        mine = [*domain, ["company", "=", self.client.company]]
        for page in self.client.pages(MODEL, mine, READ_BACK):
            for row in page:
                yield _submitted(row)

    def _values(self, requisition: Requisition) -> Row:
        lines = requisition.lines
        if not lines or any(line.quantity <= 0 for line in lines):
            raise ErpRejected(
                f"requisition {requisition.reference} needs lines of positive "
                "quantities"
            )
        return {
            "company": self.client.company,
            "employee": self._employee(),
            "description": requisition.description,
            "supply_date": requisition.date,
            "warehouse": self.masters.warehouse(requisition.store_code),
            "external_reference": requisition.reference,
            "lines": [["create", [self._line(line) for line in lines]]],
        }

    def _employee(self) -> int:
        """Find who asks: the employee that the connection names."""
        named: Domain = [
            ["company", "=", self.client.company],
            ["party.name", "=", self.client.employee_name],
        ]
        found = self.client.read("company.employee", named, ["id"])
        if not found:
            raise ErpRejected(
                f"{self.client.where} has no employee {self.client.employee_name!r} "
                "who asks for goods: name one as `employee` in the connection's extra"
            )
        return int(found[0]["id"])

    def _line(self, line: RequisitionLine) -> Row:
        item = self.masters.row("item", line.item_code)
        return {
            "product": item["id"],
            "unit": item["default_uom"]["id"],
            "quantity": float(line.quantity),
        }


def _receipt(document_id: int, row: Row) -> Receipt:
    return Receipt(document_id=document_id, number=row["number"], state=row["state"])


def _submitted(row: Row) -> SubmittedRequisition:
    return SubmittedRequisition(
        document_id=row["id"],
        number=row["number"] or "",
        reference=row["external_reference"],
        date=row["supply_date"],
        state=row["state"],
        lines=tuple(
            RequisitionLine(
                item_code=line["product"]["code"] if line["product"] else "",
                quantity=Decimal(line["quantity"]),
            )
            for line in row["lines"]
        ),
    )
