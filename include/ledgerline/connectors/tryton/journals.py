"""Journal entries in Tryton: post, finish, discard, find by our reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledgerline.connectors.tryton.client import Domain, TrytonClient
from ledgerline.connectors.tryton.codec import Row
from ledgerline.connectors.tryton.documents import (
    Journal,
    JournalLine,
    PostedJournal,
    Receipt,
)
from ledgerline.connectors.tryton.errors import ErpRejected
from ledgerline.connectors.tryton.masters import COST_CENTER, SERVICE_LINE, Masters

MODEL = "account.move"
RECEIPT = ("number", "state")
ANALYTIC = "lines.analytic_lines"
READ_BACK = (
    "number",
    "state",
    "date",
    "period.name",
    "external_reference",
    "lines.account.code",
    "lines.debit",
    "lines.credit",
    f"{ANALYTIC}.account.code",
    f"{ANALYTIC}.account.root.code",
    f"{ANALYTIC}.debit",
    f"{ANALYTIC}.credit",
)
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Journals:
    """The journal entries of one company."""

    client: TrytonClient
    masters: Masters

    def post(self, journal: Journal) -> Receipt:
        """Create and post an entry; two requests, so it can stop between them.

        A receipt proves the entry is posted. `ErpRejected` proves there is no entry
        of ours under this reference that was not there before: a draft that cannot
        be posted is discarded. `DuplicateReference` proves a document with this
        reference exists: `find` it. `ErpUnreachable` or `ErpAnswerLost` prove
        nothing: the entry may be absent, a draft or posted; `find` it after a quiet
        time, then `finish` a draft or post anew.
        """
        values = self._values(journal)
        draft = self.client.create(MODEL, values, RECEIPT)
        return self._post_draft(int(draft["id"]))

    def finish(self, document_id: int) -> Receipt:
        """Post a draft that an interrupted `post` left behind; a posted one stays.

        Tell by `find` first that the draft says what it should.
        """
        return self._post_draft(document_id)

    def discard(self, document_id: int) -> None:
        """Delete a draft; Tryton refuses to delete a posted entry."""
        self.client.delete(MODEL, document_id)

    def find(self, reference: str) -> PostedJournal | None:
        """Read the entry with exactly this reference back, draft or posted."""
        found = self._search([["external_reference", "=", reference]])
        return next(found, None)

    def sweep(self, prefix: str) -> Iterator[PostedJournal]:
        """Read back every entry whose reference starts with a prefix."""
        pattern = prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return self._search([["external_reference", "like", f"{pattern}%"]])

    def _post_draft(self, document_id: int) -> Receipt:
        try:
            row = self.client.act(MODEL, document_id, "post", RECEIPT)
        except ErpRejected:
            row = self.client.read(MODEL, [["id", "=", document_id]], RECEIPT)[0]
            if row["state"] != "posted":
                self.client.delete(MODEL, document_id)
                raise
        return Receipt(
            document_id=document_id, number=row["number"], state=row["state"]
        )

    def _search(self, domain: Domain) -> Iterator[PostedJournal]:
        mine = [*domain, ["company", "=", self.client.company]]
        for page in self.client.pages(MODEL, mine, READ_BACK):
            for row in page:
                yield _posted(row)

    def _values(self, journal: Journal) -> Row:
        _check(journal)
        return {
            "company": self.client.company,
            "journal": self.masters.find("journal", self.client.journal_code),
            "period": self.masters.open_period(journal.date),
            "date": journal.date,
            "description": journal.description,
            "external_reference": journal.reference,
            "lines": [
                ["create", [self._line(journal, line) for line in journal.lines]]
            ],
        }

    def _line(self, journal: Journal, line: JournalLine) -> Row:
        amounts = {
            "debit": max(line.amount, Decimal(0)),
            "credit": max(-line.amount, Decimal(0)),
        }
        objects = [
            self.masters.find(kind, code)
            for kind, code in (
                ("cost center", line.cost_center_code),
                ("service line", line.service_line_code),
            )
            if code
        ]
        values = {**amounts, "account": self.masters.find("account", line.account_code)}
        if objects:
            values["analytic_lines"] = [
                [
                    "create",
                    [
                        {**amounts, "account": account, "date": journal.date}
                        for account in objects
                    ],
                ]
            ]
        return values


def _check(journal: Journal) -> None:
    if not journal.lines:
        raise ErpRejected(f"journal {journal.reference} has no lines")
    if off := sum((line.amount for line in journal.lines), Decimal(0)):
        raise ErpRejected(f"journal {journal.reference} is {off} out of balance")
    for line in journal.lines:
        if line.amount != line.amount.quantize(CENT):
            raise ErpRejected(
                f"journal {journal.reference} has {line.amount} on account "
                f"{line.account_code}: amounts are whole cents"
            )


def _posted(row: Row) -> PostedJournal:
    return PostedJournal(
        document_id=row["id"],
        number=row["number"] or "",
        reference=row["external_reference"],
        date=row["date"],
        period=row["period"]["name"],
        state=row["state"],
        lines=tuple(_read_line(line) for line in row["lines"]),
    )


def _read_line(row: Row) -> JournalLine:
    amount = row["debit"] - row["credit"]
    return JournalLine(
        account_code=row["account"]["code"],
        amount=amount,
        cost_center_code=_cost_object(row["analytic_lines"], COST_CENTER, amount),
        service_line_code=_cost_object(row["analytic_lines"], SERVICE_LINE, amount),
    )


def _cost_object(lines: Sequence[Row], root: str, amount: Decimal) -> str:
    """Name the cost object that carries a line; a partial one shows its amount."""
    carried: dict[str, Decimal] = {
        line["account"]["code"]: line["debit"] - line["credit"]
        for line in lines
        if line["account"]["root"]["code"] == root
    }
    if list(carried.values()) == [amount]:
        return next(iter(carried))
    return "+".join(f"{code}:{part}" for code, part in sorted(carried.items()))
