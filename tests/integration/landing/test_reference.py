"""Reference CSVs: all tables are replaced in one transaction, or none is."""

import csv
from datetime import date

import psycopg
import pytest

from ledgerline.canonical.errors import SourceMissing
from ledgerline.crosswalk.csv_file import ReferenceInvalid
from ledgerline.crosswalk.load import load_reference
from ledgerline.crosswalk.table import TABLES

pytestmark = pytest.mark.integration
ROWS = {
    "facility": [["MVH", "Mercy Valley", "2020-01-01", ""]],
    "payer": [["BCBS", "Blue, Cross", "commercial"]],
    "cost_center": [["MVH", "MVH-6010", "OR", "patient_care", "MVH-6010-STO"]],
    "allocation_statistic": [["MVH", "MVH-6010", "hours", "2600"]],
    "crosswalk": [
        ["payer", "billing", "*", "P1", "BCBS", "2025-01-01", "", "me", "2026-01-01"]
    ],
}

ALWAYS = (date(1900, 1, 1), None)
TERMS = ("BCBS-IP", "BCBS", "*", "inpatient")


@pytest.fixture
def folder(tmp_path):
    for table in TABLES:
        write(tmp_path, table.name, ROWS.get(table.name, []))
    return tmp_path


def write(folder, name, rows):
    columns = next(table.columns for table in TABLES if table.name == name)
    if rows:
        # What a file may leave out stands last.
        columns = columns[: len(rows[0])]
    with (folder / f"{name}.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])


def payers(dsn):
    with psycopg.connect(dsn) as connection:
        return connection.execute("select * from reference.payer").fetchall()


def test_every_table_of_the_migrations_has_its_file(warehouse_dsn):
    with psycopg.connect(warehouse_dsn) as connection:
        found = connection.execute(
            "select table_name::text, array_agg(column_name::text order by "
            "ordinal_position) from information_schema.columns "
            "where table_schema = 'reference' group by 1"
        ).fetchall()
    ours = {table.name: list(table.columns) for table in TABLES}
    assert {name: columns for name, columns in found if name in ours} == ours


def test_a_second_load_replaces_the_first(folder, warehouse_dsn):
    assert load_reference(warehouse_dsn, folder) == 5
    write(folder, "payer", [["TRICARE", "Tricare", "government"]])
    assert load_reference(warehouse_dsn, folder) == 5
    assert payers(warehouse_dsn) == [("TRICARE", "Tricare", "government", *ALWAYS)]


def test_a_payer_may_change_its_class_from_a_day_on(folder, warehouse_dsn):
    before = ["CHIP", "Chip", "medicaid", "", "2026-03-01"]
    after = ["CHIP", "Chip Plus", "commercial", "2026-03-01", ""]
    write(folder, "payer", [before, after])
    load_reference(warehouse_dsn, folder)
    assert payers(warehouse_dsn) == [
        ("CHIP", "Chip", "medicaid", ALWAYS[0], date(2026, 3, 1)),
        ("CHIP", "Chip Plus", "commercial", date(2026, 3, 1), None),
    ]
    write(folder, "payer", [before, ["CHIP", "Chip", "commercial", "2026-02-28", ""]])
    with pytest.raises(ReferenceInvalid, match=r"payer\.csv: .* CHIP from 2026-02-28"):
        load_reference(warehouse_dsn, folder)


def test_a_file_that_may_be_left_out_empties_its_table(folder, warehouse_dsn):
    rule = ["CO", "97", "*", "BCBS", "2025-01-01", "", "denial", "bundled"]
    write(folder, "denial_rule", [rule])
    assert load_reference(warehouse_dsn, folder) == 6
    (folder / "denial_rule.csv").unlink()
    assert load_reference(warehouse_dsn, folder) == 5
    with psycopg.connect(warehouse_dsn) as connection:
        assert not connection.execute("select from reference.denial_rule").fetchall()


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("allocation_statistic", [["MVH", "MVH-6010", "hours", "many"]]),
        ("allocation_statistic", [["MVH", "MVH-6010", "hours", "-1"]]),
        ("relative_value", [["MVH", "MVH-6010", "80053", "NaN"]]),
        ("cost_center_capacity", [["MVH", "MVH-6010", "nan", "0.8"]]),
        ("budget", [["MVH", "emergency", "2026-01-01", "1", "NaN", "1", "1"]]),
        ("cost_center", [["MVH", "MVH-6010", "OR", "neither", ""]]),
        ("payer_contract", [[*TERMS, "percent_of_charge", "31", "", "2020-01-01", ""]]),
        ("payer_contract", [[*TERMS, "per_visit", "31", "", "2020-01-01", ""]]),
        ("payer_contract", [[*TERMS, "per_diem", "31", "93", "2020-01-01", ""]]),
        ("facility", [["MVH", "a", "2020-01-01", ""], ["MVH", "b", "2020-01-01", ""]]),
        ("facility", [["MVH", "a", "2020-01-01", "", "Chicago"]]),
    ],
)
def test_a_row_that_does_not_fit_changes_no_table(folder, warehouse_dsn, name, rows):
    load_reference(warehouse_dsn, folder)
    before = payers(warehouse_dsn)
    write(folder, "payer", [["CHIP", "Chip", "medicaid"]])
    write(folder, name, rows)
    with pytest.raises(ReferenceInvalid, match=rf"{name}\.csv does not fit"):
        load_reference(warehouse_dsn, folder)
    assert payers(warehouse_dsn) == before


def test_a_file_that_is_missing_changes_no_table(folder, warehouse_dsn):
    load_reference(warehouse_dsn, folder)
    before = payers(warehouse_dsn)
    write(folder, "payer", [])
    (folder / "crosswalk.csv").unlink()
    with pytest.raises(SourceMissing, match=r"crosswalk\.csv"):
        load_reference(warehouse_dsn, folder)
    assert payers(warehouse_dsn) == before
