"""Rows in COPY text format carry any text unharmed."""

from ledgerline.connectors.formats.record import Record
from ledgerline.landing.copy_text import record_row


def test_what_copy_treats_specially_is_escaped():
    row = record_row(
        Record(
            resource_type="T",
            resource_id="a\tb\\N",
            content_sha256=b"\x01\xff",
            byte_offset=3,
            byte_length=4,
            body=b'{"a":\t"\\n"}\r\n',
        )
    )
    assert row == (
        b'0\tT\ta\\tb\\\\N\t\\\\x01ff\t3\t4\t\\N\t\\N\t{"a":\\t"\\\\n"}\\r\\n\n'
    )
