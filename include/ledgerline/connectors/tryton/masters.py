"""The ERP's master data by code: what documents refer to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from ledgerline.connectors.tryton.client import Domain, TrytonClient
from ledgerline.connectors.tryton.codec import Row
from ledgerline.connectors.tryton.errors import PeriodNotOpen, UnknownCode

COST_CENTER = "CC"
SERVICE_LINE = "SL"

_SOURCES: dict[str, tuple[str, Domain, tuple[str, ...]]] = {
    "account": (
        "account.account",
        [["code", "!=", None], ["type", "!=", None]],
        ("code",),
    ),
    "cost center": (
        "analytic_account.account",
        [["root.code", "=", COST_CENTER], ["type", "=", "normal"]],
        ("code",),
    ),
    "service line": (
        "analytic_account.account",
        [["root.code", "=", SERVICE_LINE], ["type", "=", "normal"]],
        ("code",),
    ),
    "journal": ("account.journal", [], ("code",)),
    "item": ("product.product", [["code", "!=", None]], ("code", "default_uom.id")),
    "location": ("stock.location", [["code", "!=", None]], ("code",)),
    "lot": ("stock.lot", [], ("number", "product.code")),
}


@dataclass(frozen=True, kw_only=True)
class Masters:
    """Codes to ids, read once a kind and again when a code is not found."""

    client: TrytonClient
    _known: dict[str, dict[str, Row]] = field(default_factory=dict, repr=False)

    def find(self, kind: str, code: str) -> int:
        """Return the id of a code; raise `UnknownCode` if the ERP does not know it."""
        return int(self.row(kind, code)["id"])

    def lot(self, item_code: str, number: str) -> int:
        """Return the id of an item's lot."""
        return self.find("lot", f"{item_code}|{number}")

    def row(self, kind: str, code: str) -> Row:
        """Return the fields of a code."""
        if code not in self._known.get(kind, {}):
            self._known[kind] = self._load(kind)
        try:
            return self._known[kind][code]
        except KeyError as error:
            raise UnknownCode(
                f"{self.client.where} has no {kind} {code!r}: create it there or "
                "correct the crosswalk"
            ) from error

    def warehouse(self, location_code: str) -> int | None:
        """Return the id of the warehouse that a location lies in, if in any."""
        location = self.find("location", location_code)
        above: Domain = [
            ["type", "=", "warehouse"],
            ["parent", "parent_of", [location]],
        ]
        found = self.client.read("stock.location", above, ["id"])
        return int(found[0]["id"]) if found else None

    def codes(self, kind: str) -> frozenset[str]:
        """Read every code of a kind anew."""
        self._known[kind] = self._load(kind)
        return frozenset(self._known[kind])

    def periods(self) -> list[Row]:
        """Read the first and last day and the state of the company's periods.

        One that takes nothing of our journal counts as closed.
        """
        found = self.client.read(
            "account.period",
            [["type", "=", "standard"], ["company", "=", self.client.company]],
            ["start_date", "end_date", "state"],
        )
        refusing = self._refusing_periods([])
        return [
            {**row, "state": "closed"} if row["id"] in refusing else row
            for row in found
        ]

    def open_period(self, date: dt.date) -> int:
        """Return the id of the open standard period that holds a date.

        Asked anew each time: a period can close between two documents.
        """
        found = self.client.read(
            "account.period",
            [
                ["start_date", "<=", date],
                ["end_date", ">=", date],
                ["type", "=", "standard"],
                ["company", "=", self.client.company],
            ],
            ["name", "state"],
        )
        if not found:
            raise PeriodNotOpen(
                f"{self.client.where} has no period for {date}: create its fiscal year"
            )
        if found[0]["state"] != "open":
            raise PeriodNotOpen(
                f"{self.client.where} has closed period {found[0]['name']}: reopen it "
                f"or post {date} into an open one"
            )
        period = int(found[0]["id"])
        if self._refusing_periods([["period", "=", period]]):
            raise PeriodNotOpen(
                f"{self.client.where} has closed journal {self.client.journal_code!r} "
                f"in period {found[0]['name']}: reopen the journal there, which "
                f"reopening the period does not, or post {date} into an open one"
            )
        return period

    def _refusing_periods(self, domain: Domain) -> frozenset[int]:
        """Return the periods in which our journal is closed.

        Tryton closes every journal of a period with it; reopening it opens none.
        """
        closed = self.client.read(
            "account.journal.period",
            [
                ["journal.code", "=", self.client.journal_code],
                ["period.company", "=", self.client.company],
                ["state", "=", "closed"],
                *domain,
            ],
            ["period.id"],
        )
        return frozenset(int(row["period"]["id"]) for row in closed)

    def _load(self, kind: str) -> dict[str, Row]:
        model, domain, fields = _SOURCES[kind]
        rows = self.client.read(model, domain, fields)
        if kind == "lot":
            return {f"{row['product']['code']}|{row['number']}": row for row in rows}
        return {row["code"]: row for row in rows}
