# SPDX-License-Identifier: GPL-3.0-or-later
"""The field `external_reference` and its uniqueness per company."""

from typing import Any

from trytond.model import Unique, fields
from trytond.pool import PoolMeta


class ExternalReferenceMixin:
    """Give a document the identifier that the sending system knows it by."""

    __slots__ = ()

    external_reference = fields.Char(
        "External Reference",
        help="The identifier of this document in the system that sent it.",
    )

    @classmethod
    def __setup__(cls) -> None:
        """Declare the constraint; the database enforces it."""
        cls.external_reference.search_unaccented = False
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            (
                "external_reference_unique",
                Unique(table, table.company, table.external_reference),
                "ledgerline_reference.msg_external_reference_unique",
            ),
        ]

    @classmethod
    def copy(
        cls, records: list[Any], default: dict[str, Any] | None = None
    ) -> list[Any]:
        """Leave the reference with the original: a copy is another document."""
        default = dict(default or {})
        default.setdefault("external_reference", None)
        copies: list[Any] = super().copy(records, default=default)
        return copies


class Move(ExternalReferenceMixin, metaclass=PoolMeta):
    """Journal entry."""

    __name__ = "account.move"


class ShipmentInternal(ExternalReferenceMixin, metaclass=PoolMeta):
    """Internal shipment; consumption goes from a store to a lost-and-found location."""

    __name__ = "stock.shipment.internal"


class PurchaseRequisition(ExternalReferenceMixin, metaclass=PoolMeta):
    """Requisition; what a store needs, before a buyer orders it."""

    __name__ = "purchase.requisition"
