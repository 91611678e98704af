"""A small REST client for Tryton: reads are retried, writes never are."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import AuthenticationFailed, ConfigurationInvalid
from ledgerline.connectors.tryton.codec import Row, decode, encode, encode_parameter
from ledgerline.connectors.tryton.errors import (
    DuplicateReference,
    ErpAnswerLost,
    ErpForbidden,
    ErpRejected,
    ErpUnreachable,
)

# Each clause of a domain is [field, operator, value].
Domain = Sequence[Sequence[object]]
# Field and direction, "ASC" or "DESC".
Order = Sequence[tuple[str, str]]

PAGE_SIZE = 1000
READ_ATTEMPTS = 4
READ_SECONDS = 120.0
# Tryton sends no error code; English is forced, so its sentences are stable.
DUPLICATE = "The external reference is already used."


@dataclass(frozen=True, kw_only=True)
class Query:
    """Which records of a model, which fields of them, and in what order."""

    model: str
    fields: Sequence[str]
    domain: Domain = ()
    order: Order = (("id", "ASC"),)
    context: Mapping[str, object] = field(default_factory=dict)


class TrytonClient:
    """One company of one Tryton database, as the user of a REST key.

    A write that answers 2xx is committed: Tryton answers after its commit. A write
    that raises `ErpAnswerLost` may or may not be committed, now or a little later.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float = 60.0) -> None:
        """Prepare the connection; nothing is sent before the first call.

        Args:
            endpoint: `password` is the key; `extra` names `database` and `company`.
            timeout: seconds to wait for an answer.
        """
        self.where = f"Tryton at {endpoint.base_url} (connection {endpoint.conn_id})"
        self._company_name = _required(endpoint, "company")
        self._company: int | None = None
        self.page_size = PAGE_SIZE
        self.journal_code = str(endpoint.extra.get("journal", "LEDGERLINE"))
        self.employee_name = str(endpoint.extra.get("employee", ""))
        database = _required(endpoint, "database")
        self._http = httpx.Client(
            base_url=f"{endpoint.base_url}/{database}/rest/model/",
            headers={
                "Authorization": f"bearer {endpoint.password}",
                "Accept-Language": "en",
            },
            timeout=httpx.Timeout(timeout, connect=5.0),
            trust_env=not _is_loopback(endpoint.base_url),
        )

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def company(self) -> int:
        """The id of the company that the connection names."""
        if self._company is None:
            found = self._read(
                "company.company",
                {"d": encode_parameter([["party.name", "=", self._company_name]])},
                {},
            )
            if not found:
                raise ConfigurationInvalid(
                    f"{self.where} has no company {self._company_name!r}: correct "
                    "`company` in the connection's extra"
                )
            self._company = int(found[0]["id"])
        return self._company

    def pages(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        context: Mapping[str, object] | None = None,
    ) -> Iterator[list[Row]]:
        """Read all records of a domain in pages, in the order of their ids.

        Pages are cut by id, so a record written meanwhile moves no other one.
        """
        last = 0
        while True:
            after = [*domain, ["id", ">", last]]
            query = Query(
                model=model, fields=fields, domain=after, context=context or {}
            )
            rows = self.page(query)
            if rows:
                yield rows
            if len(rows) < self.page_size:
                return
            last = int(rows[-1]["id"])

    def page(
        self,
        query: Query,
        *,
        limit: int | None = None,
        decoder: Callable[[bytes], list[Row]] = decode,
    ) -> list[Row]:
        """Read the first records of a query: a page of them, or up to a limit."""
        return self._read(
            query.model,
            {
                "d": encode_parameter(query.domain),
                "f": list(query.fields),
                "o": encode_parameter(query.order),
                "s": str(limit or self.page_size),
            },
            self._context(query.context),
            decoder,
        )

    def read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        context: Mapping[str, object] | None = None,
    ) -> list[Row]:
        """Read all records of a domain."""
        found = self.pages(model, domain, fields, context)
        return [row for page in found for row in page]

    def create(self, model: str, values: Row, fields: Sequence[str]) -> Row:
        """Create a record and return its fields as committed. Sent once."""
        return self._write("POST", model, values, fields)

    def act(self, model: str, record: int, action: str, fields: Sequence[str]) -> Row:
        """Press a button of a record and return its fields afterwards. Sent once."""
        return self._write("POST", f"{model}/{record}/{action}", {}, fields)

    def update(self, model: str, record: int, values: Row) -> None:
        """Change fields of a record. Sent once."""
        self._write("PUT", f"{model}/{record}", values, ["id"])

    def delete(self, model: str, record: int) -> None:
        """Delete a record. Sent once."""
        self._write("DELETE", f"{model}/{record}", None, ["id"])

    def _context(self, more: Mapping[str, object] | None = None) -> dict[str, str]:
        context = {"company": self.company, **(more or {})}
        return {"X-Tryton-Context": encode_parameter(context)}

    def _read(
        self,
        model: str,
        parameters: Mapping[str, Any],
        headers: Mapping[str, str],
        decoder: Callable[[bytes], list[Row]] = decode,
    ) -> list[Row]:
        for attempt in stamina.retry_context(
            on=(ErpUnreachable, ErpAnswerLost),
            attempts=READ_ATTEMPTS,
            timeout=READ_SECONDS,
        ):
            with attempt:
                answer = self._send("GET", model, params=parameters, headers=headers)
                rows: list[Row] = self._json(answer, f"read {model}", decoder)
        return rows

    def _write(
        self, verb: str, path: str, values: Row | None, fields: Sequence[str]
    ) -> Row:
        answer = self._send(
            verb,
            path,
            params={"f": list(fields)},
            headers={**self._context(), "Content-Type": "application/json"},
            content=None if values is None else encode(values),
        )
        if answer.status_code == httpx.codes.NO_CONTENT:
            return {}
        row: Row = self._json(answer, f"{verb} {path}")
        return row

    def _send(self, verb: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401
        try:
            return self._http.request(verb, path, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ErpUnreachable(
                f"{self.where} does not answer: start it, or correct the connection"
            ) from error
        except httpx.TransportError as error:
            raise ErpAnswerLost(
                f"{self.where} gave no answer to {verb} {path} "
                f"({type(error).__name__}): read back before sending again"
            ) from error

    def _json(
        self,
        answer: httpx.Response,
        request: str,
        decoder: Callable[[bytes], Any] = decode,
    ) -> Any:  # noqa: ANN401
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        if answer.is_success and is_json:
            try:
                return decoder(answer.content)
            except (ValueError, msgspec.DecodeError) as error:
                raise ErpAnswerLost(
                    f"{self.where} cut its answer to {request} short"
                ) from error
        raise self._failure(answer, request, is_json=is_json)

    def _failure(
        self, answer: httpx.Response, request: str, *, is_json: bool
    ) -> Exception:
        match answer.status_code:
            case 400 if is_json:
                text = str(decode(answer.content).get("message", ""))
                kind = DuplicateReference if DUPLICATE in text else ErpRejected
                return kind(f"{self.where} refuses {request}: {text}")
            case 401:
                return AuthenticationFailed(
                    f"{self.where} refuses the key: put the integration user's REST "
                    "key into the connection's password"
                )
            case 403:
                return ErpForbidden(
                    f"{self.where} forbids {request}: give the integration user the "
                    "groups Accounting, Stock, Purchase Requisition and Purchase "
                    "Request"
                )
            case 404:
                return ConfigurationInvalid(
                    f"{self.where} does not know {request}: check `database` in the "
                    "connection's extra and Tryton's activated modules"
                )
        return ErpAnswerLost(
            f"{self.where} answered {request} with HTTP {answer.status_code}, which "
            "says nothing about the outcome: see Tryton's log"
        )


def _required(endpoint: Endpoint, key: str) -> str:
    value = str(endpoint.extra.get(key, ""))
    if not value:
        raise ConfigurationInvalid(
            f"connection {endpoint.conn_id} lacks {key!r} in its extra: add it"
        )
    return value


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
