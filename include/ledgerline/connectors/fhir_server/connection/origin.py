"""Whom we may ask: the server's own origin and those that the connection lists."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from ledgerline.canonical.errors import Fatal

_DEFAULT_PORTS = {"http": 80, "https": 443}


class UrlRefused(Fatal):
    """A server names an address that we do not follow. Security looks at it."""

    code = "SSRF_BLOCKED"


@dataclass(frozen=True, kw_only=True)
class Origins:
    """The origins that a connection allows. A token goes to `own` only."""

    own: str
    allowed: frozenset[str]
    where: str

    def check(self, url: str) -> None:
        """Raise UrlRefused unless the URL lies on an origin that is allowed."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise self._refused("a text that is no address") from error
        if parsed.scheme not in _DEFAULT_PORTS:
            raise self._refused(f"a {parsed.scheme or 'relative'} address")
        if parsed.userinfo:
            raise self._refused("an address with a login in it")
        if origin(url) not in self.allowed | {self.own}:
            raise self._refused(f"the other origin {origin(url)}")

    def is_own(self, url: str) -> bool:
        """Tell whether a token may go to the URL."""
        return origin(url) == self.own

    def refuse_redirect(self, url: str) -> UrlRefused:
        """Return the refusal of a redirect answered by `url`."""
        return UrlRefused(
            f"{self.where} redirects {shown(url)}, which is not followed; name the "
            "server's final address in the connection"
        )

    def _refused(self, what: str) -> UrlRefused:
        return UrlRefused(
            f"{self.where} sends us to {what}, which is not followed; have security "
            "look at it, and list the origin in the extra key allowed_origins if it "
            "is right"
        )


def origin(url: str) -> str:
    """Return scheme, host and port of a URL; the default port is left out."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return ""
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host.lower()
    port = parsed.port
    if port is None or port == _DEFAULT_PORTS.get(parsed.scheme):
        return f"{parsed.scheme}://{host}"
    return f"{parsed.scheme}://{host}:{port}"


def shown(url: str) -> str:
    """Return a URL as messages may show it: without its query, which can be a key."""
    try:
        return origin(url) + httpx.URL(url).path[:200]
    except (httpx.InvalidURL, ValueError):
        return "an address that cannot be read"
