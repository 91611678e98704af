"""An endpoint: how a source, the warehouse or the ERP is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One configured connection, free of any orchestration framework.

    `extra` holds the connection's own keys: `path` for folders, `adapter`,
    `database` and `company` for the ERP, keys for a FHIR server: it is never printed.
    """

    conn_id: str
    conn_type: str
    host: str = ""
    port: int | None = None
    schema: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def base_url(self) -> str:
        """The HTTP origin, for example `http://127.0.0.1:15401`."""
        scheme = self.schema or "http"
        host = self.host if "://" in self.host else f"{scheme}://{self.host}"
        return f"{host}:{self.port}" if self.port else host

    @property
    def postgres_dsn(self) -> str:
        """The libpq URL of a `postgres` connection."""
        user = quote(self.login, safe="")
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        port = f":{self.port}" if self.port else ""
        return f"postgresql://{user}{secret}@{self.host}{port}/{self.schema}"
