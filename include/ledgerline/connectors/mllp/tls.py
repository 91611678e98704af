"""TLS of a listener: its certificate, and the authority that its senders need."""

from __future__ import annotations

import ssl
from pathlib import Path

from ledgerline.canonical.errors import ConfigurationInvalid


def context(
    certificate: Path, key: Path | None = None, client_authority: Path | None = None
) -> ssl.SSLContext:
    """Return a server's TLS context, version 1.2 or later.

    With `client_authority` only senders with a certificate of it are let in. Raises
    ConfigurationInvalid when a file cannot be used.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(certificate, key)
        if client_authority is not None:
            made.load_verify_locations(client_authority)
            made.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        raise ConfigurationInvalid(
            f"the TLS files of the MLLP listener cannot be used ({type(error).__name__}"
            "); check LEDGERLINE_MLLP_TLS_CERTIFICATE, LEDGERLINE_MLLP_TLS_KEY and "
            "LEDGERLINE_MLLP_TLS_CLIENT_AUTHORITY"
        ) from error
    return made
