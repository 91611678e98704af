"""Connect to addresses that were resolved once and are not of a forbidden kind."""

from __future__ import annotations

import ipaddress
import socket

import httpx

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.fhir_server.connection.origin import UrlRefused


class PinnedTransport(httpx.BaseTransport):
    """Resolves each host once, refuses addresses of machines' own networks, and pins.

    A name that changes its address in mid-run cannot lead a request elsewhere.
    """

    def __init__(self, inner: httpx.BaseTransport, where: str) -> None:
        """Wrap the transport that sends."""
        self._inner = inner
        self._where = where
        self._addresses: dict[str, list[str]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to one of the pinned addresses of its host."""
        host = request.url.host
        if host not in self._addresses:
            self._addresses[host] = self._resolved(host)
        request.extensions = {**request.extensions, "sni_hostname": host}
        original = request.url
        for address in self._addresses[host][:-1]:
            request.url = original.copy_with(host=address)
            try:
                return self._inner.handle_request(request)
            except httpx.ConnectError:
                continue
        request.url = original.copy_with(host=self._addresses[host][-1])
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _resolved(self, host: str) -> list[str]:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise SourceUnavailable(
                f"{self._where} has no network address now; check its host name and "
                "this machine's name service"
            ) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or any(_is_forbidden(address) for address in addresses):
            raise UrlRefused(
                f"{self._where} has a link-local or reserved network address, which "
                "is not followed; have security look at it"
            )
        return addresses


def _is_forbidden(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_link_local or ip.is_multicast or ip.is_unspecified
