"""What dbt runs in an increment: its nodes in its order, each with its compiled SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEPT, TABLE, ADDED_TO, TEST = "kept", "table", "incremental", "test"
_ANALYZE = "analyze {{ this }}"
_PLAIN_TEST = {
    "fail_calc": "count(*)",
    "warn_if": "!= 0",
    "error_if": "!= 0",
    "limit": None,
    "store_failures": None,
}
Node = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A model or a test of the project, as dbt compiled it for an increment.

    `inputs` are the nodes it depends on. Of a model: its table, the condition on the
    rows that a `kept` one replaces, that on rows whose change is noted, and its
    described columns. Of a test: whether it only warns.
    """

    node: str
    materialized: str
    sql: str
    inputs: tuple[str, ...]
    schema: str = ""
    name: str = ""
    replaces: str = ""
    touches: str = ""
    columns: tuple[str, ...] = ()
    is_warning: bool = False


def step_of(node: Node, sql: str) -> Step | None:
    """Return a node of dbt's manifest as a step; None when it asks for more than one.

    What a step cannot do (other hooks, grants, other ways to count failures) only dbt
    does.
    """
    config = node["config"]
    shared: dict[str, Any] = {
        "node": str(node["unique_id"]),
        "materialized": str(config["materialized"]),
        "sql": sql,
        "inputs": tuple(map(str, node["depends_on"]["nodes"])),
    }
    if node["resource_type"] == "test":
        is_plain = _PLAIN_TEST.items() <= config.items()
        is_warning = str(config["severity"]).lower() == "warn"
        return Step(**shared, is_warning=is_warning) if is_plain else None
    if not _is_plain_model(config):
        return None
    return Step(
        **shared,
        schema=str(node["schema"]),
        name=str(node["alias"]),
        replaces=str(config.get("replaces") or ""),
        touches=str(config.get("touches") or ""),
        columns=tuple(map(str, node["columns"])),
    )


def _is_plain_model(config: Node) -> bool:
    hooks = {str(hook["sql"]).strip() for hook in config["post-hook"]}
    is_known = config["materialized"] in {KEPT, TABLE} or (
        config["materialized"] == ADDED_TO
        and config.get("incremental_strategy") == "append"
    )
    is_more = config["pre-hook"] or hooks != {_ANALYZE} or config.get("grants")
    return is_known and not is_more
