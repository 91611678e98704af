"""Write the generated pages: the data dictionary from dbt, the errors from the code.

`make docs` runs it; a test compares the pages with what it would write.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.landing.quarantine import OWNERS, OWNERS_IN_ZONE
from ledgerline.operations.exceptions import next_step

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MODELS = ROOT / "dbt_project" / "models"
PRODUCT = ROOT / "include" / "ledgerline"
LAYERS = {
    "conformed": "Conformed: dimensions and facts (schema `conformed`)",
    "marts": "Marts: answers (schema `marts`)",
    "outbound": "Outbound: the desired state of the ERP (schema `outbound`)",
}
FAMILIES = {
    "Retriable": "tried again",
    "Rejected": "refused until corrected",
    "Held": "waits for a decision or master data",
    "Fatal": "a person must act",
}
WRITTEN_BY = "<!-- Written by `make docs`; change the source, not this page. -->\n"


def data_dictionary() -> str:
    """Return the page of every published relation and its columns."""
    parts = [
        f"# Data dictionary\n\n{WRITTEN_BY}\n"
        "What readers see. `phi` says whether a column identifies a patient: `direct`, "
        "`quasi` (only in combination) or `none`. `marts.reconciliation` is documented "
        "by comments in the database.\n"
    ]
    for layer, title in LAYERS.items():
        parts.append(f"\n## {title}\n")
        for path in sorted((MODELS / layer).rglob("*.yml")):
            for model in yaml.safe_load(path.read_text()).get("models", []):
                if _meta(model).get("published"):
                    parts.append(_relation(model))
    return "".join(parts)


def _relation(model: dict[str, Any]) -> str:
    key = ", ".join(f"`{column}`" for column in _meta(model)["key"])
    rows = "".join(
        f"| `{column['name']}` | {column.get('data_type', '')} "
        f"| {_line(column.get('description', ''))} | {_meta(column).get('phi', '')} |\n"
        for column in model.get("columns", [])
    )
    grain = _line(model.get("description", ""))
    return (
        f"\n### {model['name']}\n\n{grain} Key: {key}.\n\n"
        f"| column | type | meaning | phi |\n|---|---|---|---|\n{rows}"
    )


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = node.get("config", {}).get("meta") or node.get("meta") or {}
    return meta


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def errors() -> str:
    """Return the page of every error code, and every reason for quarantine."""
    found = {name: (base, code, doc) for name, base, code, doc in _classes()}
    rows = []
    for name, (_, code, doc) in found.items():
        family = _family(name, found)
        if code and family and name != family:
            rows.append(f"| `{code}` | {FAMILIES[family]} | {doc} | {_runbook(code)} |")
    reasons = "".join(
        f"| `{name}` | {_owners(name)} | {next_step(name)} |\n" for name in OWNERS
    )
    return (
        f"# Errors\n\n{WRITTEN_BY}\n"
        "Every error is one sentence, `CODE: what happened, where, what to do next`, "
        "and never holds a patient's value. The code is stable.\n\n"
        "| code | what happens next | meaning | runbook |\n|---|---|---|---|\n"
        + "\n".join(sorted(rows))
        + "\n\n## Why a record or file is in quarantine\n\n"
        "The column `class` of `ops.quarantined_record`; "
        "see [the runbook](runbooks/quarantine.md).\n\n"
        f"| class | owner | what to do next |\n|---|---|---|\n{reasons}"
    )


def _owners(name: RefusalClass) -> str:
    """Return the team of a class, and those of the zones where it is another."""
    others = [
        f"{team} for {zone}"
        for (refused, zone), team in OWNERS_IN_ZONE.items()
        if refused == name
    ]
    return "; ".join([OWNERS[name], *others])


def _classes() -> Iterator[tuple[str, str, str, str]]:
    """Yield name, first base, own code and first sentence of every class."""
    for path in sorted(PRODUCT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                base = getattr(node.bases[0], "id", "") if node.bases else ""
                doc = (ast.get_docstring(node) or "").split("\n\n")[0]
                yield node.name, base, _code(node), _line(doc)


def _code(node: ast.ClassDef) -> str:
    for statement in node.body:
        if (
            isinstance(statement, ast.Assign)
            and getattr(statement.targets[0], "id", "") == "code"
            and isinstance(statement.value, ast.Constant)
        ):
            return str(statement.value.value)
    return ""


def _family(name: str, found: dict[str, tuple[str, str, str]]) -> str:
    while name in found and name not in FAMILIES:
        name = found[name][0]
    return name if name in FAMILIES else ""


def _runbook(code: str) -> str:
    for path in sorted((DOCS / "runbooks").glob("*.md")):
        codes = re.search(r"^\| Codes \|(.*)\|$", path.read_text(), re.MULTILINE)
        if codes and f"`{code}`" in codes[1]:
            return f"[{path.stem}](runbooks/{path.name})"
    return "the sentence says it"


PAGES = {"data_dictionary.md": data_dictionary, "errors.md": errors}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())


if __name__ == "__main__":
    main()
