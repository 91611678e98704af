"""What can go wrong with Tryton, split by what is known about the document.

Retriable
├── ErpUnreachable     no connection: nothing was sent
└── ErpAnswerLost      sent, but no usable answer: the outcome is unknown
Rejected
└── ErpRejected        Tryton refuses the request (HTTP 400 with JSON)
    ├── DuplicateReference   a document with this reference is already there
    ├── PeriodNotOpen        no open period holds the date
    ├── UnknownCode          the ERP has no such account, item, lot, …
    └── StockShort           the store does not hold what should be issued
Fatal
└── ErpForbidden       the key's user lacks a right
    (a refused key is `canonical.errors.AuthenticationFailed`)
"""

from __future__ import annotations

from ledgerline.canonical.errors import Fatal, Rejected, SourceUnavailable


class ErpUnreachable(SourceUnavailable):
    """No connection came about, so nothing was sent."""

    code = "ERP_UNREACHABLE"


class ErpAnswerLost(SourceUnavailable):
    """A request was sent and no usable answer came: read back before any resend."""

    code = "ERP_ANSWER_LOST"


class ErpRejected(Rejected):
    """Tryton refuses the request for a business reason, and nothing was written."""

    code = "ERP_REJECTED"


class DuplicateReference(ErpRejected):
    """A document with this external reference exists: find it and compare."""

    code = "ERP_DUPLICATE_REFERENCE"


class PeriodNotOpen(ErpRejected):
    """No open period of the ERP holds the document's date."""

    code = "ERP_PERIOD"


class UnknownCode(ErpRejected):
    """A code of the document is not in the ERP's master data."""

    code = "ERP_UNKNOWN_CODE"


class StockShort(ErpRejected):
    """A store does not hold the quantity to issue."""

    code = "ERP_STOCK_SHORT"


class ErpForbidden(Fatal):
    """The key is accepted, but its user lacks a right."""

    code = "ERP_FORBIDDEN"
