"""Reference CSVs are read strictly, and errors name the file and the column."""

import pytest

from ledgerline.canonical.errors import SourceMissing
from ledgerline.crosswalk import csv_file
from ledgerline.crosswalk.csv_file import ReferenceInvalid
from ledgerline.crosswalk.load import load_reference, refuse_overlaps
from ledgerline.crosswalk.table import TABLES, ReferenceTable

TABLE = ReferenceTable(
    name="payer",
    columns=("payer_code", "payer_name", "ended"),
    optional=frozenset({"ended"}),
)
CROSSWALK = next(table for table in TABLES if table.name == "crosswalk")
PAYER = next(table for table in TABLES if table.name == "payer")
RULE = next(table for table in TABLES if table.name == "denial_rule")


def read(folder, content):
    (folder / "payer.csv").write_bytes(content)
    return csv_file.read(folder, TABLE)


def test_rows_come_as_text_in_the_order_of_the_table(tmp_path):
    content = (
        b'\xef\xbb\xbfpayer_name,ended,payer_code\r\n"NA, Inc",,00123\r\nX,,1E5\r\n'
    )
    assert read(tmp_path, content) == [("00123", "NA, Inc", None), ("1E5", "X", None)]


def test_a_quoted_line_break_stays_in_its_value(tmp_path):
    rows = read(tmp_path, b'payer_code,payer_name,ended\nA,"two\nlines",\n')
    assert rows == [("A", "two\nlines", None)]


@pytest.mark.parametrize(
    "content",
    [
        b"payer_code,payer_name,payer_class\nA,B,C\n",
        b"valid_to,valid_from,payer_code,payer_name,payer_class\n,,A,B,C\n",
    ],
)
def test_what_has_no_period_holds_always(tmp_path, content):
    (tmp_path / "payer.csv").write_bytes(content)
    assert csv_file.read(tmp_path, PAYER) == [("A", "B", "C", "1900-01-01", None)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"payer_code,payer_name\n", "no column ended"),
        (b"payer_code,payer_name,ended,x\n", "unknown column 'x'"),
        (b"payer_code,payer_name,ended,ended\n", "column ended twice"),
        (b"payer_code,payer_name,ended\nA,B,,C\n", "row 2: 4 values for 3 columns"),
        (b"payer_code,payer_name,ended\nA,B,\nA,B\n", "row 3: 2 values"),
        (b"payer_code,payer_name,ended\n,B,\n", "row 2: payer_code is empty"),
        (b"payer_code,payer_name,ended\nA,caf\xe9,\n", "not UTF-8 from byte 33"),
        (b"payer_code,payer_name,ended\nA,\x00,\n", "NUL"),
        (b'payer_code,payer_name,ended\nA,"B,\n', "not CSV"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, content, words):
    with pytest.raises(ReferenceInvalid, match=r"payer\.csv") as caught:
        read(tmp_path, content)
    assert words in caught.value.message


def test_a_missing_file_is_named_with_its_columns(tmp_path):
    with pytest.raises(SourceMissing, match=r"payer\.csv does not exist.*payer_code"):
        csv_file.read(tmp_path, TABLE)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SourceMissing, match=r"nowhere does not exist"):
        load_reference("", tmp_path / "nowhere")


def mapping(code, begin, end):
    return ("payer", "billing", "*", code, "BCBS", begin, end, "me", "2026-01-01")


def test_periods_that_touch_do_not_overlap():
    refuse_overlaps(
        CROSSWALK,
        [
            mapping("P1", "2026-01-01", None),
            mapping("P1", "2025-01-01", "2026-01-01"),
            mapping("P2", "2025-06-01", None),
        ],
    )


@pytest.mark.parametrize("end", ["2026-01-02", None])
def test_two_meanings_of_one_code_on_one_day_are_refused_by_name(end):
    rows = [mapping("P1", "2025-01-01", end), mapping("P1", "2026-01-01", None)]
    with pytest.raises(ReferenceInvalid, match=r"payer / billing / \* / P1 from 2026"):
        refuse_overlaps(CROSSWALK, rows)


def test_two_meanings_of_one_adjustment_on_one_day_are_refused_by_name():
    def rule(begin, end, category):
        return ("CO", "97", "*", "BCBS", begin, end, category, "bundled")

    before = rule("2025-01-01", "2026-01-01", "contractual")
    refuse_overlaps(RULE, [before, rule("2026-01-01", None, "denial")])
    with pytest.raises(ReferenceInvalid, match=r"denial_rule\.csv.*BCBS from 2025"):
        refuse_overlaps(RULE, [before, rule("2025-06-01", None, "denial")])


def test_two_classes_of_one_payer_on_one_day_are_refused_by_name():
    def payer(payer_class, begin, end):
        return ("CHIP", "Chip", payer_class, begin, end)

    before = payer("medicaid", "1900-01-01", "2026-01-01")
    refuse_overlaps(PAYER, [before, payer("commercial", "2026-01-01", None)])
    with pytest.raises(ReferenceInvalid, match=r"payer\.csv.* CHIP from 2025-06-01"):
        refuse_overlaps(PAYER, [before, payer("commercial", "2025-06-01", None)])


def test_a_date_that_is_none_is_named():
    with pytest.raises(ReferenceInvalid, match="'01/02/2026' is not a date"):
        refuse_overlaps(CROSSWALK, [mapping("P1", "01/02/2026", None)])
