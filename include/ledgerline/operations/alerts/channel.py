"""Where alerts go: a mail server, a webhook."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

import httpx

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid, Retriable
from ledgerline.operations.alerts.alert import Alert

TIMEOUT_SECONDS = 10


class TargetFailed(Retriable):
    """A mail server or webhook did not take an alert; it is tried again later."""

    code = "ALERT_TARGET_FAILED"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A target by name, and how to tell it."""

    name: str
    tell: Callable[[Alert], None]


def mail(endpoint: Endpoint) -> Channel:
    """Tell by SMTP: TLS from the start, or STARTTLS where the connection says so.

    `from_email` and `to` (addresses with commas) are keys of the connection's extra, as
    is `to_by_owner`, which names the addresses of single owners.
    """
    sender, everyone = endpoint.extra.get("from_email"), endpoint.extra.get("to")
    if not sender or not everyone or not endpoint.host:
        raise ConfigurationInvalid(
            f"the connection {endpoint.conn_id} needs a host, and from_email and to in "
            "its extra; see docs/alerts.md"
        )
    by_owner = endpoint.extra.get("to_by_owner") or {}

    def tell(alert: Alert) -> None:
        message = EmailMessage()
        message["From"] = str(sender)
        message["To"] = str(by_owner.get(alert.owner, everyone))
        message["Subject"] = alert.subject
        message["Message-ID"] = f"<{alert.message_id}@ledgerline.invalid>"
        message.set_content(alert.text)
        try:
            with _connected(endpoint) as server:
                if endpoint.login:
                    server.login(endpoint.login, endpoint.password)
                server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise TargetFailed(f"SMTP {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise TargetFailed(type(error).__name__) from None

    return Channel(name=endpoint.conn_id, tell=tell)


def webhook(endpoint: Endpoint) -> Channel:
    """Tell by an HTTP POST of JSON; a password is a bearer token."""
    url = f"{endpoint.base_url}{endpoint.extra.get('path', '/')}"
    headers = (
        {"Authorization": f"Bearer {endpoint.password}"} if endpoint.password else {}
    )

    def tell(alert: Alert) -> None:
        try:
            answer = httpx.post(
                url, json=alert.body, headers=headers, timeout=TIMEOUT_SECONDS
            )
        except httpx.HTTPError as error:
            raise TargetFailed(type(error).__name__) from None
        if not answer.is_success:
            raise TargetFailed(f"HTTP {answer.status_code}")

    return Channel(name=endpoint.conn_id, tell=tell)


def _connected(endpoint: Endpoint) -> smtplib.SMTP:
    if not endpoint.extra.get("disable_ssl"):
        return smtplib.SMTP_SSL(
            endpoint.host,
            endpoint.port or 465,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
    server = smtplib.SMTP(endpoint.host, endpoint.port or 25, timeout=TIMEOUT_SECONDS)
    if not endpoint.extra.get("disable_tls"):
        try:
            server.starttls(context=ssl.create_default_context())
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server
