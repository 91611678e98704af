"""An ERP whose first month lies in the year before is open in both years."""

import datetime as dt
from decimal import Decimal

import pytest

from ledgerline.connectors.tryton.client import TrytonClient
from sandbox.erp.hospital.inputs import read
from tests.integration.tryton.sandbox_erp import new_erp

pytestmark = pytest.mark.integration
PAYROLL = {"2026-01-31": "2025-11-30", "2026-02-28": "2026-01-31"}


@pytest.fixture(scope="module")
def erp(tmp_path_factory, postgres_server):
    made = new_erp(tmp_path_factory, postgres_server, "erp_years")
    for name in ("payroll.csv", "overhead.csv"):
        path = made.folder / name
        text = path.read_text()
        for day, other in PAYROLL.items():
            text = text.replace(day, other)
        path.write_text(text)
    yield made
    made.run("erp-down")


def test_the_years_of_the_expenses_and_of_late_answers_are_fiscal_years(erp):
    inputs = read(erp.folder)
    assert inputs.opening_date == dt.date(2025, 11, 1)
    assert list(inputs.fiscal_years) == [2025, 2026]


def test_expenses_are_posted_in_the_period_of_their_month(erp):
    erp.up()
    with TrytonClient(erp.endpoint()) as client:
        rows = client.read(
            "account.move.line",
            [["account.code", "=", "60100"]],
            ["move.date", "move.period.name", "debit"],
        )
    posted = {(str(row["move"]["date"]), row["move"]["period"]["name"]) for row in rows}
    assert posted == {("2025-11-30", "2025-11"), ("2026-01-31", "2026-01")}
    assert sum(row["debit"] for row in rows) == Decimal("205838.61")
