"""What can wait, differ or be refused has a runbook that says what to do."""

import ast
import re
from pathlib import Path

import pytest

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.posting.command import State

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
MIGRATIONS = ROOT / "include" / "ledgerline" / "store" / "migrations"
COMPARISON = ROOT / "include" / "ledgerline" / "reconciliation" / "comparison.py"
AT_REST = {State.POSTED, State.CANCELLED}


def breaks():
    """Every name that a comparison of two systems may give a difference."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(COMPARISON.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return sorted({text for text in texts if re.fullmatch(r"[A-Z]+_[A-Z_]+", text)})


def holds():
    """The categories for which an entry is held, by the newest function that says."""
    told = [
        body
        for path in sorted(MIGRATIONS.glob("*.sql"))
        for body in re.findall(
            r"function post\.why_held\(.*?as \$\$(.*?)\$\$", path.read_text(), re.DOTALL
        )
    ]
    return sorted(set(re.findall(r"select '([A-Z_]+)'", told[-1])))


def fix_of(name):
    text = (RUNBOOKS / f"{name}.md").read_text()
    return text[text.index("## Fix") :]


def test_the_names_are_found_in_the_code():
    assert {"NOT_PROPOSED", "NOT_POSTED", "ERP_DIFFERS"} < set(breaks())
    assert {"MASTER_DATA", "DQ_GATE"} < set(holds())


@pytest.mark.parametrize("name", breaks())
def test_every_break_has_a_fix(name):
    assert f"`{name}`" in fix_of("reconciliation_break")


@pytest.mark.parametrize("category", holds())
def test_every_reason_to_hold_an_entry_has_a_fix(category):
    assert f"`{category}`" in fix_of("posting_stuck")


@pytest.mark.parametrize("state", sorted(set(State) - AT_REST))
def test_every_state_in_which_an_entry_can_stand_still_has_a_fix(state):
    assert f"| `{state}`" in fix_of("posting_stuck") or f"`{state}` |" in fix_of(
        "posting_stuck"
    )


@pytest.mark.parametrize("each", list(RefusalClass))
def test_every_refusal_class_has_an_owner_and_a_next_step(each):
    page = (ROOT / "docs" / "errors.md").read_text()
    page = page[page.index("## Why a record or file is in quarantine") :]
    row = re.search(rf"^\| `{each}` \| (\w+)[^|]* \| .+ \|$", page, re.MULTILINE)
    assert row, f"{each} is not in docs/errors.md"
    assert f"| `{row[1]}` |" in fix_of("quarantine")


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda p: p.stem)
def test_the_readme_lists_every_runbook(path):
    assert f"(docs/runbooks/{path.name})" in (ROOT / "README.md").read_text()
