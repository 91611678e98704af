"""The lists of interfaces, settings and decisions, made from what they tell of.

`docs/generate.py` writes them with the other generated pages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ledgerline.orchestration import health_page

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "include" / "ledgerline" / "contracts"
MODELS = ROOT / "dbt_project" / "models"
HEALTH_PAGE = (
    ROOT / "include" / "ledgerline" / "orchestration" / "health_page" / "app.py"
)
MIGRATIONS = ROOT / "include" / "ledgerline" / "store" / "migrations"
POLICY = ROOT / "include" / "ledgerline" / "orchestration" / "policy.py"
CONNECTIONS = {
    "ehr": "`ehr_fhir`, `ehr_hl7v2`, the MLLP listener",
    "billing": "`billing_x12`",
    "erp": "`erp`",
}
LAYERS = {
    "conformed": "dimensions and facts; what they showed is in `conformed_history`",
    "marts": "answers; what they showed is in `marts_history`",
    "outbound": "what the ERP should hold; read by the poster alone",
}
WHO = {"LOOK": "viewer", "ASK": "operator", "APPROVE": "approver"}
FREQUENCIES = {(1, "d"): "daily", (1, "h"): "hourly"}
VARIABLE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")
PART = re.compile(r"^# --- (.+?) -+$")
WRITTEN_BY = "<!-- Written by `make docs`; change the source, not this page. -->\n"


def service_catalogue() -> str:
    """Return the page of every interface: who answers for it, and what it promises."""
    return (
        f"# Service catalogue\n\n{WRITTEN_BY}\n"
        "Every interface, the team that answers for it, the contract and version that "
        "holds, and what is promised. Ports and addresses are [settings](settings.md), "
        "roles are in the [architecture](architecture.md).\n"
        f"{_what_comes_in()}{_what_runs()}{_what_is_called()}{_what_goes_out()}{_what_readers_get()}"
    )


def _what_comes_in() -> str:
    """Return a table of the landed entities for each zone, from their contracts."""
    parts = [
        "\n## What comes in\n\nOne ODCS contract an entity, enforced where it lands "
        "([add a source](how-to/add_a_source.md)). A field that is new lands with a "
        "warning; one that is missing or of another type closes its source's gate.\n"
    ]
    for zone, connection in CONNECTIONS.items():
        parts.append(f"\n### {zone}: {connection}\n")
        promises: dict[str, list[str]] = {}
        for contract in _contracts(zone):
            promises.setdefault(_promise(contract), []).append(_entity(contract))
        for promise, rows in promises.items():
            parts.append(
                f"\n{promise}\n\n| entity | what it is | contract |\n|---|---|---|\n"
                f"{''.join(rows)}"
            )
    return "".join(parts)


def _contracts(zone: str) -> Iterator[dict[str, Any]]:
    for path in sorted((CONTRACTS / zone).glob("*.odcs.yaml")):
        yield yaml.safe_load(path.read_text())


def _entity(contract: dict[str, Any]) -> str:
    name = contract["schema"][0]["physicalName"]
    purpose = line(contract["description"]["purpose"])
    return f"| `{name}` | {purpose} | {contract['version']} |\n"


def _promise(contract: dict[str, Any]) -> str:
    """Return who answers for an entity, and how often and late it may come."""
    promised = {each["property"]: each for each in contract["slaProperties"]}
    every = promised["frequency"]
    words = line(promised["latency"].get("description", ""))
    often = FREQUENCIES[every["value"], every["unit"]]
    return f"**{contract['team']['name']}**, {often}. {words}"


def _what_runs() -> str:
    rows = "".join(
        f"| `{path.stem}` | {_sentence(path)} | {_task_owner()} | {_runbook(path)} |\n"
        for path in sorted((ROOT / "dags").glob("*.py"))
    )
    return (
        "\n## What runs\n\nThe DAGs; a failed task says what happened in one sentence "
        "([errors](errors.md)).\n\n"
        f"| DAG | what it does | owner | runbook |\n|---|---|---|---|\n{rows}"
    )


def _sentence(path: Path) -> str:
    words = ast.get_docstring(ast.parse(path.read_text())) or ""
    return words.split("\n\n")[0].replace("\n", " ")


def _task_owner() -> str:
    return re.findall(r'"owner": "([\w-]+)"', POLICY.read_text())[0]


def _runbook(path: Path) -> str:
    name = re.findall(r"docs/(runbooks/(\w+)\.md)", path.read_text())[0]
    return f"[{name[1]}]({name[0]})"


def _what_is_called() -> str:
    """Return the calls of the HTTP surface, from the app that serves them."""
    limits = re.findall(
        r"\('(\w+)', (\d+), 60\)", (MIGRATIONS / "0535_api_calls.sql").read_text()
    )
    pace = " and ".join(f"{calls} {kind}s" for kind, calls in limits)
    rows = "".join(
        f"| `{method} {health_page.PREFIX}{path}` | {words} | {right} |\n"
        for method, path, words, right in _calls()
    )
    return (
        f"\n## What is called\n\nThe HTTP surface `{health_page.PREFIX}`, in Airflow's "
        f"API server and up when that is. **{health_page.OWNER}**, version "
        f"{health_page.VERSION}; contract: `{health_page.PREFIX}/openapi.json`. "
        f"{health_page.PROMISE} Every account has {pace} a minute "
        "(`ops.call_policy`); one more is answered with 429 and when to come again. "
        "Who may is [Airflow's role](exceptions.md); a write is done once for its "
        "Idempotency-Key, and is on the audit chain.\n\n"
        f"| call | what it does | who may |\n|---|---|---|\n{rows}"
    )


def _calls() -> Iterator[tuple[str, str, str, str]]:
    """Yield method, path, sentence and right of each function that answers a call."""
    for function in ast.parse(HEALTH_PAGE.read_text()).body:
        for each in getattr(function, "decorator_list", []):
            route = ast.unparse(each)
            found = re.match(r"app\.(get|post|put|delete|patch)\('([^']*)'", route)
            if found and isinstance(function, ast.FunctionDef):
                right = re.search(r"Right\.(\w+)", ast.unparse(function))
                words = (ast.get_docstring(function) or "").split("\n")[0]
                who = WHO[right[1]] if right else "everybody"
                yield found[1].upper(), found[2], words, who


def _what_goes_out() -> str:
    owner = _groups()["outbound"]
    rows = "".join(f"| `{kind}` | {owner} |\n" for kind in _document_kinds())
    return (
        "\n## What goes out\n\nDocuments for the ERP of connection `erp`, over the "
        "adapter that its extra names ([another ERP](how-to/connect_another_erp.md)): "
        "each once, from published rows, with a certificate.\n\n"
        f"| document | owner |\n|---|---|\n{rows}"
    )


def _document_kinds() -> list[str]:
    """Return the kinds of journal, and what else outbound holds lines of."""
    page = yaml.safe_load((MODELS / "outbound" / "out_journal_fact.yml").read_text())
    columns = {each["name"]: each for each in page["models"][0]["columns"]}
    test = columns["document_kind"]["data_tests"][0]
    lines = {path.stem for path in (MODELS / "outbound").glob("out_*_line.yml")}
    others = {name[4:-5] for name in lines if name != "out_journal_line"}
    return sorted({*test["accepted_values"]["arguments"]["values"], *others})


def _what_readers_get() -> str:
    owners = _groups() | {"conformed": _groups()["core"]}
    rows = "".join(
        f"| `{layer}` | {meaning} | {_published_count(layer)} | {owners[layer]} |\n"
        for layer, meaning in LAYERS.items()
    )
    return (
        "\n## What readers get\n\nRelations change in one transaction, after the gate, "
        "with each publication. dbt enforces their columns and types; "
        "the [data dictionary](data_dictionary.md) tells each column.\n\n"
        f"| schema | what it holds | relations | owner |\n|---|---|---|---|\n{rows}"
    )


def _published_count(layer: str) -> int:
    texts = [path.read_text() for path in (MODELS / layer).rglob("*.yml")]
    return sum(len(re.findall(r"^ +published: true$", text, re.M)) for text in texts)


def _groups() -> dict[str, str]:
    page = yaml.safe_load((MODELS / "_groups.yml").read_text())
    return {each["name"]: each["owner"]["name"] for each in page["groups"]}


def decisions() -> str:
    """Return the list of decision records, by their titles."""
    rows = "".join(
        f"- [{path.read_text().partition(chr(10))[0].removeprefix('# ')}]"
        f"(decisions/{path.name})\n"
        for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))
    )
    return (
        f"# Decisions\n\n{WRITTEN_BY}\n"
        "Why the product is as it is, where another way was open: context, decision, "
        f"consequences, and what was considered.\n\n{rows}"
    )


def settings() -> str:
    """Return the page of every environment variable, from `.env.example`."""
    parts = [
        f"# Settings\n\n{WRITTEN_BY}\n"
        "Every environment variable that Ledgerline reads. Sources and targets are "
        "Airflow connections, business rules are "
        "[reference tables](reference_tables.md); there is no fourth place.\n"
    ]
    words, is_told = "", True
    for row in (ROOT / ".env.example").read_text().splitlines():
        if part := PART.match(row):
            heading = part[1][0].upper() + part[1][1:]
            parts.append(f"\n## {heading}\n\n| variable | what it is |\n|---|---|\n")
        elif row.startswith("#"):
            words = row[2:] if is_told else f"{words} {row[2:]}"
        elif variable := VARIABLE.match(row):
            default = f" Default: {variable[2]}." if variable[2] else ""
            parts.append(f"| `{variable[1]}` | {line(words)}{default} |\n")
        is_told = not row.startswith("#") or bool(PART.match(row))
    return "".join(parts)


def line(text: str) -> str:
    """Return a text as one line that fits into a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")
