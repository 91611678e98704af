"""What breaks a contract is quarantined, what goes beyond it lands with a warning."""

import pytest

from ledgerline.quality.check import Severity
from ledgerline.quality.sources import check_sources
from tests.integration.contracts.row_source import (
    balance,
    land_pages,
    numbers,
    page,
    rows,
)

pytestmark = pytest.mark.integration
DRIFT = (
    "select source, entity, property, record_count, example_locator "
    "from ops.contract_drift where entity = %s order by property"
)


def test_a_record_that_breaks_its_contract_is_quarantined_and_the_rest_lands(
    warehouse_dsn, connection
):
    without = balance("A")
    del without["quantity"]
    found = land_pages(
        warehouse_dsn,
        page("stock.balance", without, balance("B"), balance("C", "Jane Roe")),
    )
    assert numbers(found) == (3, 1, 2, 0)
    assert found.by_class == {"CONTRACT_DRIFT": 2}
    stored = rows(
        connection,
        "select locator, message, owner, status from ops.quarantined_record "
        "where batch_id = %s order by quarantine_id",
        found.batch_id,
    )
    assert stored == [
        (
            "stock.balance-00001.ndjson@0",
            "stock.balance, contract 1.0.0: the required property quantity is missing "
            "[missing]",
            "interface_team",
            "open",
        ),
        (
            "stock.balance-00001.ndjson@184",
            "stock.balance, contract 1.0.0: the property quantity has the wrong type "
            "[type]",
            "interface_team",
            "open",
        ),
    ]


def test_a_page_whose_columns_are_others_is_refused_whole(warehouse_dsn, connection):
    renamed = [
        {"code": f"A{n}", "amount": "1", "account": {"code": "1"}} for n in range(3)
    ]
    lines = [
        row | {"id": n, "move": {"date": "2026-01-31"}} for n, row in enumerate(renamed)
    ]
    found = land_pages(
        warehouse_dsn, page("account.move.line", *lines), page("stock.lot", {"id": 1})
    )
    assert numbers(found) == (2, 1, 1, 0)
    [(kind, message, status)] = rows(
        connection,
        "select refused.resource_type, refused.message, file.status "
        "from ops.quarantined_record as refused "
        "inner join raw_erp.file as file on refused.file_id = file.file_id "
        "where refused.batch_id = %s",
        found.batch_id,
    )
    assert (kind, status) == ("file", "quarantined")
    assert "every record" in message
    assert "the required property debit is missing" in message


def test_an_additional_property_lands_and_leaves_one_row_without_values(
    warehouse_dsn, connection
):
    first = page("account.period", {"id": 1, "name": "2026-01", "secret": "Jane Roe"})
    more = page(
        "account.period",
        {"id": 2, "secret": "John Doe"},
        {"id": 3, "secret": None, "Jane Roe's": 1},
        number=2,
    )
    assert numbers(land_pages(warehouse_dsn, first)) == (1, 1, 0, 0)
    assert numbers(land_pages(warehouse_dsn, first, more)) == (3, 2, 0, 1)
    assert rows(connection, DRIFT, "account.period") == [
        ("erp", "account.period", "(unprintable)", 1, "account.period-00002.ndjson@32"),
        ("erp", "account.period", "secret", 3, "account.period-00001.ndjson@0"),
    ]
    seen = "select first_seen < last_seen from ops.contract_drift where property = %s"
    assert rows(connection, seen, "secret") == [(True,)]


def test_an_unchanged_page_with_a_refused_row_adds_no_second_refusal(
    warehouse_dsn, connection
):
    pages = [
        page(
            "account.balance",
            {"account_code": "1"},
            {"account_code": "4100", "period": "P", "debit": "1", "credit": "0"},
        )
    ]
    assert numbers(land_pages(warehouse_dsn, *pages)) == (2, 1, 1, 0)
    assert numbers(land_pages(warehouse_dsn, *pages)) == (2, 0, 0, 2)
    count = "select count(*) from ops.quarantined_record where locator like %s"
    assert rows(connection, count, "account.balance%") == [(1,)]


def test_a_refused_page_notes_no_drift(warehouse_dsn, connection):
    odd = [{"account_code": "1", "period": "P", "novel": 1} for _ in range(2)]
    found = land_pages(warehouse_dsn, page("account.balance", *odd, number=7))
    assert found.by_class == {"CONTRACT_DRIFT": 1}
    assert rows(connection, DRIFT, "account.balance") == []


def test_one_page_with_other_columns_closes_the_gate_until_a_good_one_came(
    warehouse_dsn, connection
):
    def columns():
        [result] = [
            each
            for each in check_sources(warehouse_dsn, "a run")
            if (each.check.suite, each.check.name) == ("erp", "columns_as_agreed")
        ]
        return result

    connection.execute("update ops.quarantined_record set status = 'dismissed'")
    assert columns().passed
    many = [{"id": number, "code": f"S{number}"} for number in range(10_000)]
    good = [balance(f"G{number}") for number in range(3)]
    renamed = [{"on_hand": row.pop("quantity")} | row for row in map(dict, good)]
    land_pages(
        warehouse_dsn, page("party.party", *many), page("stock.balance", *renamed)
    )
    assert (columns().passed, columns().severity) == (False, Severity.BLOCK)
    land_pages(warehouse_dsn, page("party.party", *many), page("stock.balance", *good))
    assert columns().passed
