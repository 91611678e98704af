"""A JSON-RPC session with a Tryton server, for setting it up as its administrator."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import httpx

Values = dict[str, Any]


class RpcError(Exception):
    """Tryton refuses a call; the text is Tryton's own."""


def encode(value: object) -> Values:
    """Turn what JSON lacks into Tryton's tagged objects."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return {
            "__class__": "date",
            "year": value.year,
            "month": value.month,
            "day": value.day,
        }
    raise TypeError(f"cannot send a {type(value).__name__} to Tryton")


def decode(value: Values) -> Any:  # noqa: ANN401
    """Turn Tryton's tagged objects into Python values."""
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return dt.date(value["year"], value["month"], value["day"])
    return value


class Rpc:
    """One administrator's session; closes with its context."""

    def __init__(self, url: str, database: str, user: str, password: str) -> None:
        """Log in; raise `RpcError` when the server refuses."""
        self._url = f"{url}/{database}/rpc/"
        self._http = httpx.Client(timeout=300, trust_env=False)
        self.context: Values = {"language": "en"}
        uid, token, *_ = self._call(
            "common.db.login", [user, {"password": password}, "en"]
        )
        session = base64.b64encode(f"{user}:{uid}:{token}".encode()).decode()
        self._http.headers["Authorization"] = f"Session {session}"

    def __enter__(self) -> Self:
        """Return the open session."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection; the session itself times out."""
        self._http.close()

    def call(self, model: str, method: str, *params: Any, **context: Any) -> Any:  # noqa: ANN401
        """Call a method of a model; `context` adds to the session's context."""
        return self._call(
            f"model.{model}.{method}", [*params, {**self.context, **context}]
        )

    def create(self, model: str, rows: Sequence[Values], batch: int = 200) -> list[int]:
        """Create records in batches and return their ids in the order of `rows`."""
        ids: list[int] = []
        for start in range(0, len(rows), batch):
            ids += self.call(model, "create", list(rows[start : start + batch]))
        return ids

    def create_one(self, model: str, row: Values) -> int:
        """Create one record and return its id."""
        return self.create(model, [row])[0]

    def find(
        self, model: str, domain: list[Any], fields: Iterable[str]
    ) -> list[Values]:
        """Read the fields of all records of a domain."""
        found: list[Values] = self.call(
            model, "search_read", domain, 0, None, [["id", "ASC"]], list(fields)
        )
        return found

    def find_id(self, model: str, domain: list[Any]) -> int:
        """Return the id of the first record of a domain that must have one."""
        found = self.find(model, domain, ["id"])
        if not found:
            raise RpcError(f"no {model} matches {domain}")
        return int(found[0]["id"])

    def _call(self, method: str, params: list[Any]) -> Any:  # noqa: ANN401
        body = json.dumps({"id": 1, "method": method, "params": params}, default=encode)
        answer = self._http.post(
            self._url, content=body, headers={"Content-Type": "application/json"}
        )
        if answer.status_code != httpx.codes.OK:
            raise RpcError(f"{method}: HTTP {answer.status_code} {answer.text[:300]}")
        payload = json.loads(answer.text, object_hook=decode)
        if error := payload.get("error"):
            raise RpcError(f"{method}: {error[0]}: {str(error[1])[:1000]}")
        return payload["result"]
