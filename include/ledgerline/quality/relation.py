"""The relations that are published, the tests on them, and the hash of their rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ledgerline.canonical.errors import ConfigurationInvalid

CANDIDATE_PREFIX = "candidate_"
Manifest = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, order=True)
class Relation:
    """One candidate relation that readers see once it is published.

    `key` names the columns that identify a row. `columns` maps each described column
    to its description.
    """

    target_schema: str
    name: str
    candidate_schema: str
    key: tuple[str, ...]
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        """The reader's name, for example `marts.encounter_margin`."""
        return f"{self.target_schema}.{self.name}"

    @property
    def table(self) -> str:
        """The table in schema `published` that keeps every published row."""
        return f"{self.target_schema}__{self.name}"


@dataclass(frozen=True, kw_only=True)
class RelationHash:
    """What one relation adds to the hash of the data: its shape, size and rows.

    `columns` maps each column to its SQL type; `row_sum` adds up 64 bits of every
    row's hash, so the order of rows does not matter.
    """

    label: str
    columns: Mapping[str, str]
    row_count: int
    row_sum: int


def data_hash(relations: Iterable[RelationHash]) -> str:
    """Return one hash over all relations, whatever order they come in."""
    lines = sorted(
        "|".join(
            (
                relation.label,
                ",".join(f"{n} {t}" for n, t in sorted(relation.columns.items())),
                str(relation.row_count),
                str(relation.row_sum),
            )
        )
        for relation in relations
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_manifest(path: Path) -> Manifest:
    """Read dbt's manifest.json; the same file is read once."""
    try:
        found = path.stat()
        return _manifest(path, found.st_mtime_ns, found.st_size)
    except (OSError, ValueError) as error:
        raise ConfigurationInvalid(
            f"the dbt manifest {path} cannot be read; build the warehouse first"
        ) from error


@lru_cache(maxsize=1)
def _manifest(path: Path, changed_at: int, size: int) -> Manifest:
    manifest: Manifest = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def published_relations(manifest: Manifest) -> tuple[Relation, ...]:
    """Return the published relations in the order in which they are locked."""
    found = [
        _relation(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] in {"model", "seed", "snapshot"}
        and _meta(node).get("published") is True
    ]
    names = [relation.label for relation in found]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationInvalid(
                f"two dbt models are published as {name}; rename one"
            )
    return tuple(sorted(found))


def data_tests(manifest: Manifest) -> dict[str, str]:
    """Return each enabled data test's unique id and its severity, error or warn."""
    return {
        name: str(node.get("config", {}).get("severity") or "error").lower()
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
    }


def model_version(manifest: Manifest) -> str:
    """Return one hash over the text of every dbt model, test and macro."""
    texts = {
        name: part.get("raw_code") or part.get("macro_sql") or ""
        for kind in ("nodes", "macros")
        for name, part in manifest.get(kind, {}).items()
    }
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**(node.get("meta") or {}), **(node.get("config", {}).get("meta") or {})}


def _relation(node: Mapping[str, Any]) -> Relation:
    schema, name = str(node["schema"]), str(node.get("alias") or node["name"])
    key = _meta(node).get("key")
    if not schema.startswith(CANDIDATE_PREFIX):
        raise ConfigurationInvalid(
            f"dbt model {name} is published but lives in schema {schema}; only models "
            "of the candidate_* schemas can be published"
        )
    if not isinstance(key, list) or not key:
        raise ConfigurationInvalid(
            f"dbt model {name} is published without a key; list the columns that "
            "identify a row under meta.key"
        )
    columns = node.get("columns") or {}
    return Relation(
        target_schema=schema.removeprefix(CANDIDATE_PREFIX),
        name=name,
        candidate_schema=schema,
        key=tuple(str(column) for column in key),
        description=str(node.get("description") or ""),
        columns={
            str(column["name"]): str(column.get("description") or "")
            for column in columns.values()
        },
    )
