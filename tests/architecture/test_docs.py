"""What the documentation says is true, and nothing that people meet is missing."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
import typer.main

from ledgerline.cli import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [ROOT / "README.md", *DOCS.rglob("*.md"), *(ROOT / "include").rglob("*.md")]
)
TEXT = "\n".join(path.read_text() for path in PAGES)
README = (ROOT / "README.md").read_text()
RECIPES = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
RUNBOOKS = sorted((DOCS / "runbooks").glob("*.md"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))


def generator():
    sys.path[:0] = [str(DOCS)]
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = module
    spec.loader.exec_module(module)
    return module


def commands(group, prefix="ledgerline"):
    """Every command of the command line with its words."""
    found = {}
    for name, command in group.commands.items():
        words = f"{prefix} {name}"
        if hasattr(command, "commands"):
            found |= commands(command, words)
        else:
            found[words] = command
    return found


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_is_in_the_readme(words):
    assert f"`{words}" in README


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_explains_itself(words):
    assert COMMANDS[words].help


def test_no_page_names_a_command_that_does_not_exist():
    first_words = {words.split()[1] for words in COMMANDS}
    named = re.findall(r"(?<![\w/.-])(?:\.venv/bin/)?ledgerline ([a-z][a-z-]*)", TEXT)
    in_code = [word for word in named if f"ledgerline {word}" in code_of(TEXT)]
    assert set(in_code) <= first_words


def code_of(text):
    spans = re.findall(r"`([^`\n]+)`", text)
    return "\n".join([*re.findall(r"```(?:sh)?\n(.*?)```", text, re.DOTALL), *spans])


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_is_in_the_readme(recipe):
    assert f"`make {recipe}`" in README


def test_no_page_names_a_recipe_that_does_not_exist():
    assert set(re.findall(r"`make ([a-z-]+)`", TEXT)) <= set(RECIPES)


@pytest.mark.parametrize("name", generator().PAGES)
def test_a_generated_page_is_up_to_date(name):
    assert (DOCS / name).read_text() == generator().PAGES[name](), "run `make docs`"


INTERNAL = re.compile(r"LEDGERLINE_(DBT_\w+|PROGRESS_FD)")
"""What one of our processes tells another; nobody sets it."""


def test_every_setting_is_documented():
    sources = (ROOT / "include" / "ledgerline").rglob("*.py")
    read = {
        name
        for path in sources
        for name in re.findall(r"\bLEDGERLINE_[A-Z_]+", path.read_text())
        if not INTERNAL.fullmatch(name)
    }
    page = (DOCS / "settings.md").read_text()
    assert len(read) > 10
    assert [name for name in sorted(read) if f"| `{name}` |" not in page] == []


def error_codes():
    return {code for *_, code, _ in generator()._classes() if code}


def test_every_error_code_is_documented():
    families = {"LEDGERLINE", "RETRIABLE", "REJECTED", "HELD", "FATAL"}
    page = (DOCS / "errors.md").read_text()
    missing = [c for c in error_codes() - families if f"| `{c}` |" not in page]
    assert missing == []


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_has_symptom_check_fix_and_owner(runbook):
    text = runbook.read_text()
    for part in ("| Owner |", "## Symptom", "## Check", "## Fix"):
        assert part in text


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_names_only_codes_that_exist(runbook):
    row = re.search(r"^\| Codes \|(.*)\|$", runbook.read_text(), re.MULTILINE)[1]
    assert set(re.findall(r"`([A-Z_]+)`", row)) <= error_codes()


def test_every_runbook_that_the_product_names_exists():
    sources = [
        path.read_text()
        for folder in ("include", "dags", "plugins")
        for path in (ROOT / folder).rglob("*.py")
    ]
    named = set(re.findall(r"docs/runbooks/\w+\.md", "\n".join(sources)))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda p: p.stem)
def test_the_readme_or_another_page_links_to_every_page(page):
    assert f"{page.name})" in TEXT


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_fits_on_a_page(decision):
    text = decision.read_text()
    assert len(text.splitlines()) <= 60
    for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
        assert part in text


def test_every_table_of_reference_data_is_documented_with_its_columns():
    from ledgerline.crosswalk.table import TABLES

    page = (DOCS / "reference_tables.md").read_text()
    for table in TABLES:
        assert f"| `{table.file_name}` | {', '.join(table.columns)} |" in page


def test_every_dag_and_package_is_in_the_architecture_page():
    page = (DOCS / "architecture.md").read_text()
    dags = [path.stem for path in (ROOT / "dags").glob("*.py")]
    product = ROOT / "include" / "ledgerline"
    packages = [path.parent.name for path in product.glob("*/__init__.py")]
    assert [name for name in [*dags, *packages] if f"`{name}`" not in page] == []


def test_licences_are_in_place():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    module = (ROOT / "include" / "tryton_reference" / "LICENSE").read_text()
    assert "GENERAL PUBLIC LICENSE" in module
