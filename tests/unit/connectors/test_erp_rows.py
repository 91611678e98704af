"""Rows and deletions of the ERP: read line by line, a bad line by itself."""

from decimal import Decimal

from ledgerline.connectors.erp import ErpSource
from ledgerline.connectors.formats.record import RefusalClass, Tombstone
from ledgerline.connectors.tryton.extract.balances import AccountBalance

SOURCE = ErpSource(pages=lambda _: ())


def items(format_name, *lines):
    content = b"".join(line + b"\n" for line in lines)
    return list(SOURCE.reader(format_name)(lambda: [content]))


def test_a_page_of_deletions_names_what_is_gone_and_where_it_says_so():
    found = items("gone/stock.balance", b'{"id":"STO|ITM1|"}', b'{"id":"7"}')
    assert found == [
        Tombstone(
            resource_type="stock.balance",
            resource_id=name,
            byte_offset=offset,
            byte_length=length,
        )
        for name, offset, length in (("STO|ITM1|", 0, 18), ("7", 19, 10))
    ]


def test_rows_whose_codes_hold_a_bar_are_two():
    first, second = items(
        "rows/account.balance",
        b'{"account_code":"1|2","period":"3"}',
        b'{"account_code":"1","period":"2|3"}',
    )
    assert first.resource_id != second.resource_id
    balance = AccountBalance(
        account_code="1|2", period="3", debit=Decimal(), credit=Decimal()
    )
    assert balance.key == first.resource_id


def test_a_balance_of_no_lot_is_known_by_its_place_and_item():
    row = b'{"location_code":"STO","item_code":"ITM1","lot_number":""}'
    [kept] = items("rows/stock.balance", row)
    assert kept.resource_id == "STO|ITM1|"


def test_a_line_that_names_nothing_is_refused_by_itself():
    for kind in ("rows", "gone"):
        refused, kept = items(f"{kind}/stock.lot", b'{"number":"L1"}', b'{"id":8}')
        assert refused.refusal_class is RefusalClass.ID_MISSING
        assert (refused.byte_offset, refused.byte_length) == (0, 15)
        assert kept.resource_id == "8"
