"""Write the generated pages, each from the source that it tells of.

`make docs` runs it; a test compares the pages with what it would write.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import yaml
from catalogue import ROOT, WRITTEN_BY, decisions, line, service_catalogue, settings

from ledgerline.connectors.formats.record import RefusalClass
from ledgerline.landing.quarantine import OWNERS, OWNERS_IN_ZONE
from ledgerline.operations.exceptions import next_step

DOCS = ROOT / "docs"
MODELS = ROOT / "dbt_project" / "models"
PRODUCT = ROOT / "include" / "ledgerline"
SCHEMA = "".join(
    path.read_text()
    for path in sorted((PRODUCT / "store" / "migrations").glob("*.sql"))
)
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
POOLED = re.compile(
    r"create function ops\.pooled_(\w+)\(\) returns table \(([^)]*)\).*?"
    r"comment on view marts_pooled\.\1 is\s+'((?:[^']|'')*)'",
    re.DOTALL,
)
ADDED_TO_POOLED = re.compile(
    r"create or replace view marts_pooled\.(\w+) as\s+select\s+\w+\.\*,(.*?)\sfrom\s",
    re.DOTALL,
)
COMMENT = re.compile(
    r"comment on (view|column) marts\.([\w.]+) is\s+'((?:[^']|'')*)'", re.IGNORECASE
)


def data_dictionary() -> str:
    """Return the page of every published relation and its columns."""
    parts = [
        f"# Data dictionary\n\n{WRITTEN_BY}\n"
        "What readers see. `phi` says whether a column identifies a patient: `direct`, "
        "`quasi` (only in combination) or `none`.\n\n"
        "Everything that a relation of `conformed` or `marts` ever showed is in "
        "`conformed_history` or `marts_history`, under the same name: with "
        "`published_from` and `published_to`, the publications from and until which a "
        "row was shown, and `shown_during`, the same as times. "
        "`marts_history.publication` lists the publications "
        "([how to ask](analyst_queries.md)).\n\n"
        "[Live views](#live-views-schema-marts), [sums without few cases]"
        "(#sums-without-few-cases-schema-marts-pooled), [metrics](#metrics) and "
        "[who depends on what](#who-depends-on-what) are at the end.\n"
    ]
    for layer, title in LAYERS.items():
        parts.append(f"\n## {title}\n")
        for path in sorted((MODELS / layer).rglob("*.yml")):
            for model in yaml.safe_load(path.read_text()).get("models", []):
                if _meta(model).get("published"):
                    parts.append(_relation(model))
    return "".join([*parts, _live_views(), _pooled(), _metrics(), _exposures()])


def _relation(model: dict[str, Any]) -> str:
    key = ", ".join(f"`{column}`" for column in _meta(model)["key"])
    rows = "".join(
        f"| `{column['name']}` | {column.get('data_type', '')} "
        f"| {line(column.get('description', ''))} | {_meta(column).get('phi', '')} |\n"
        for column in model.get("columns", [])
    )
    grain = line(model.get("description", ""))
    return (
        f"\n### {model['name']}\n\n{grain} Key: {key}.\n\n"
        f"| column | type | meaning | phi |\n|---|---|---|---|\n{rows}"
    )


def _live_views() -> str:
    """Return the views that migrations make, as their comments tell of them."""
    views: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    for kind, name, words in COMMENT.findall(SCHEMA):
        relation, _, column = name.partition(".")
        text = words.replace("''", "'")
        if kind == "view":
            head = "| column | meaning |\n|---|---|\n"
            views[relation] = f"\n### {relation}\n\n{text}.\n\n{head}"
        else:
            columns.setdefault(relation, {})[column] = text
    for relation, told in columns.items():
        views[relation] += "".join(f"| `{name}` | {told[name]} |\n" for name in told)
    return (
        "\n## Live views (schema `marts`)\n\nThey show postings and reconciliations as "
        "they are now, no publication. None of their columns identifies a patient.\n"
        + "".join(views[name] for name in sorted(views))
    )


def _pooled() -> str:
    """Return the relations that executives and directors read, as migrations say."""
    added = dict(ADDED_TO_POOLED.findall(SCHEMA))
    rows = []
    for name, given, words in POOLED.findall(SCHEMA):
        columns = re.findall(r"(\w+) ", given)
        columns += re.findall(r" as (\w+)", added.get(name, ""))
        rows.append((name, line(words), ", ".join(f"`{each}`" for each in columns)))
    return (
        "\n## Sums without few cases (schema `marts_pooled`)\n\nWhat executives and "
        "directors read. A column means what it does in the mart that is summed; "
        "`other` is the names of 10 cases or fewer, and the next larger one. No column "
        "identifies a patient "
        "([why](decisions/0035_fewer_sums_and_none_of_a_few_cases.md)).\n\n"
        "| relation | grain | columns |\n|---|---|---|\n"
        + "".join(
            f"| `{name}` | {what} | {shown} |\n" for name, what, shown in sorted(rows)
        )
    )


def _metrics() -> str:
    """Return the sums that the semantic models name, and the metrics made of them."""
    rows = []
    for page in _semantics():
        for model in page.get("semantic_models", []):
            relation = model["model"].split("'")[1]
            rows += [
                (each["name"], each, f"{_aggregate(each)} of `{relation}`")
                for each in model["measures"]
                if each.get("create_metric")
            ]
            measures = {each["name"]: each for each in model["measures"]}
            rows += [
                (each["name"], each, _formula(each, measures, relation))
                for each in page["metrics"]
                if each["type_params"].get("measure") in measures
            ]
        rows += [
            (each["name"], each, _formula(each, {}, ""))
            for each in page.get("metrics", [])
            if each["type"] == "ratio"
        ]
    table = "".join(
        f"| `{name}` | {line(each['description'])} | {_meta(each)['unit']} | {how} |\n"
        for name, each, how in sorted(rows, key=lambda row: row[0])
    )
    return (
        "\n## Metrics\n\nNames that every tool that reads dbt's semantic models uses "
        "alike. A ratio is pooled: sums over sums.\n\n"
        f"| metric | meaning | unit | how |\n|---|---|---|---|\n{table}"
    )


def _aggregate(measure: dict[str, Any]) -> str:
    if measure["agg"] == "percentile":
        return (
            f"percentile {measure['agg_params']['percentile']} of `{measure['expr']}`"
        )
    return f"sum of `{measure['expr']}`"


def _formula(
    metric: dict[str, Any], measures: dict[str, dict[str, Any]], relation: str
) -> str:
    parameters = metric["type_params"]
    if metric["type"] == "ratio":
        made = f"`{parameters['numerator']}` / `{parameters['denominator']}`"
    else:
        made = f"{_aggregate(measures[parameters['measure']])} of `{relation}`"
    asked = re.sub(r"\{\{ \w+\('\w+?__(\w+)'\) \}\}", r"\1", metric.get("filter", ""))
    return f"{made}, where `{asked}`" if asked else made


def _exposures() -> str:
    """Return who depends on which published relations."""
    rows = ""
    for each in (each for page in _semantics() for each in page.get("exposures", [])):
        relations = ", ".join(
            f"`{ref.split(chr(39))[1]}`" for ref in each["depends_on"]
        )
        rows += (
            f"| {each['label']} | {line(each['description'])} | {each['maturity']} "
            f"| {each['owner']['name']} | {relations} |\n"
        )
    return (
        "\n## Who depends on what\n\n"
        "| what | purpose | maturity | owner | relations |\n|---|---|---|---|---|\n"
        f"{rows}"
    )


def _semantics() -> Iterator[dict[str, Any]]:
    for path in sorted((MODELS / "semantics").glob("*.yml")):
        yield yaml.safe_load(path.read_text())


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = node.get("config", {}).get("meta") or node.get("meta") or {}
    return meta


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
                yield node.name, base, _code(node), line(doc)


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


PAGES = {
    "data_dictionary.md": data_dictionary,
    "decisions.md": decisions,
    "errors.md": errors,
    "service_catalogue.md": service_catalogue,
    "settings.md": settings,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())


if __name__ == "__main__":
    main()
