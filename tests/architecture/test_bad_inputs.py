"""Every bad input is named with its class and with tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "bad_inputs.md").read_text()
ERRORS = (ROOT / "docs" / "errors.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| \d", line)
]
PROMISED = 40


def test_no_input_is_left_out():
    numbers = [int(number) for number, *_ in ROWS]
    assert numbers == sorted(numbers)
    assert set(range(1, PROMISED + 1)) <= set(numbers)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[2].strip('`')}")
def test_a_class_is_one_of_the_code_and_every_test_exists(row):
    _, _, refusal_class, happens, tests = row
    assert refusal_class == "—" or f"\n| {refusal_class} |" in ERRORS
    assert all(f"\n| {word} |" in ERRORS for word in re.findall("`[A-Z_]+`", happens))
    named = re.findall(r"`(tests/\S+\.py)::(\w+)`", tests)
    assert named
    for path, name in named:
        functions = ast.walk(ast.parse((ROOT / path).read_text()))
        assert name in {
            each.name for each in functions if isinstance(each, ast.FunctionDef)
        }, f"{path}::{name}"


def test_no_model_takes_a_variable():
    """A variable of the command line would be pasted into SQL as free text."""
    paths = [
        path
        for folder in ("models", "macros", "tests")
        for path in (ROOT / "dbt_project" / folder).rglob("*.sql")
    ]
    assert paths
    assert [p.name for p in paths if re.search(r"\bvar\(", p.read_text())] == []


def test_nothing_is_written_for_a_spreadsheet():
    """Who adds an export must see to texts that begin like formulas."""
    writes = re.compile(
        r"\bcsv\.(writer|DictWriter)|\bto_(csv|excel)\b|openpyxl|xlsx"
        r"|\bcopy\b[^;]*?\bto (stdout|program)",
        re.IGNORECASE,
    )
    assert writes.search("copy (select 1) to stdout")
    paths = list((ROOT / "include" / "ledgerline").rglob("*.py"))
    assert paths
    assert [p.name for p in paths if writes.search(p.read_text())] == []
