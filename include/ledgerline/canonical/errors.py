"""The exception tree, split by what happens next.

LedgerlineError
├── Retriable   try again later, nothing is known to be wrong
├── Rejected    this input or document is refused; correct it, do not retry
├── Held        waits for a decision or for master data
└── Fatal       the configuration or the machine is wrong; a person must act

Every concrete class has a stable `code`. A message says what happened, where, and
what to do next. It never contains a value of a patient.
"""

from __future__ import annotations


class LedgerlineError(Exception):
    """An error that Ledgerline raises on purpose."""

    code = "LEDGERLINE"

    def __init__(self, message: str) -> None:
        """Keep the one-sentence message."""
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        """Show the code and the sentence."""
        return f"{self.code}: {self.message}"


class Retriable(LedgerlineError):
    """The same call may succeed later."""

    code = "RETRIABLE"


class Rejected(LedgerlineError):
    """The input or document is refused and stays refused until corrected."""

    code = "REJECTED"


class Held(LedgerlineError):
    """The work waits for a verdict, an approval or master data."""

    code = "HELD"


class Fatal(LedgerlineError):
    """A person must change the configuration or the machine."""

    code = "FATAL"


class SourceUnavailable(Retriable):
    """A source or the ERP does not answer."""

    code = "SOURCE_UNAVAILABLE"


class SourceMissing(Fatal):
    """A configured folder or system is not there."""

    code = "SOURCE_MISSING"


class AuthenticationFailed(Fatal):
    """A system refuses our key or password. Never retried."""

    code = "AUTH"


class ConfigurationInvalid(Fatal):
    """A setting or connection cannot be used as it is."""

    code = "CONFIGURATION"


class SecretRefused(Fatal):
    """A secret is a default, the name of its account, too short, or open to others."""

    code = "SECRET_REFUSED"


class GateClosed(Held):
    """The gate did not pass this data."""

    code = "DQ_GATE"
