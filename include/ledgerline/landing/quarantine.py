"""Who acts on what was refused."""

from __future__ import annotations

from dataclasses import dataclass

from ledgerline.connectors.formats.record import FileRefused, Refusal, RefusalClass

_INTERFACE = "interface_team"
_BILLING = "revenue_cycle"
_SECURITY = "security"

OWNERS = {
    RefusalClass.AMOUNT_INVALID: _BILLING,
    RefusalClass.AMOUNT_SCALE: _BILLING,
    RefusalClass.CHARSET: _INTERFACE,
    RefusalClass.CODE_INVALID: _INTERFACE,
    RefusalClass.CONTAINER_CORRUPT: _INTERFACE,
    RefusalClass.CONTRACT_DRIFT: _INTERFACE,
    RefusalClass.COUNT_MISMATCH: _INTERFACE,
    RefusalClass.DATE_INVALID: _INTERFACE,
    RefusalClass.DUPLICATE_CONFLICT: _BILLING,
    RefusalClass.ENCODING: _INTERFACE,
    RefusalClass.ENVELOPE_INVALID: _INTERFACE,
    RefusalClass.FILE_INCOMPLETE: _INTERFACE,
    RefusalClass.FILE_UNREADABLE: _INTERFACE,
    RefusalClass.FRAMING: _INTERFACE,
    RefusalClass.ID_MISSING: _INTERFACE,
    RefusalClass.JSON_AMBIGUOUS: _INTERFACE,
    RefusalClass.MERGE_CONFLICT: _INTERFACE,
    RefusalClass.NUMBER_INVALID: _INTERFACE,
    RefusalClass.ORDER_WAIT: _INTERFACE,
    RefusalClass.PARSE: _INTERFACE,
    RefusalClass.PATH_TRAVERSAL: _SECURITY,
    RefusalClass.REFERENCE_INVALID: _INTERFACE,
    RefusalClass.RESOURCE_LIMIT: _SECURITY,
    RefusalClass.SEGMENT_DELIM: _INTERFACE,
    RefusalClass.SEGMENT_INVALID: _INTERFACE,
    RefusalClass.SHAPE: _INTERFACE,
    RefusalClass.SSRF_BLOCKED: _SECURITY,
    RefusalClass.TRUNCATED: _INTERFACE,
    RefusalClass.TRUNCATED_RECORD: _INTERFACE,
    RefusalClass.UNBALANCED: _BILLING,
    RefusalClass.UNRECOGNISED_FORMAT: _INTERFACE,
    RefusalClass.UNSUPPORTED_CONTAINER: _INTERFACE,
    RefusalClass.UNSUPPORTED_TRANSACTION: _INTERFACE,
    RefusalClass.XML_FORBIDDEN: _SECURITY,
}
OWNERS_IN_ZONE = {(RefusalClass.ORDER_WAIT, "billing"): _BILLING}
"""Where another team than the one of the class acts."""


def owner(refusal_class: RefusalClass, zone: str = "") -> str:
    """Return the team that acts on a class, in a zone."""
    return OWNERS_IN_ZONE.get((refusal_class, zone), OWNERS[refusal_class])


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """One row of the quarantine: what, where, why and whose."""

    resource_type: str
    refusal_class: RefusalClass
    locator: str
    stage: str
    message: str
    byte_offset: int | None = None
    byte_length: int | None = None

    @property
    def owner(self) -> str:
        """The team that acts on this class."""
        return owner(self.refusal_class)

    def values(self) -> dict[str, object]:
        """Return the columns of ops.quarantined_record that this row knows."""
        return {
            "resource_type": self.resource_type,
            "class": self.refusal_class.value,
            "locator": self.locator,
            "stage": self.stage,
            "message": self.message,
            "owner": self.owner,
            "byte_offset": self.byte_offset,
            "byte_length": self.byte_length,
        }


def of_record(refusal: Refusal, name: str) -> Quarantined:
    """Return the quarantine row of a refused record of the file `name`."""
    return Quarantined(
        resource_type=refusal.resource_type,
        refusal_class=refusal.refusal_class,
        locator=f"{name}@{refusal.byte_offset}",
        stage="parse",
        message=refusal.message,
        byte_offset=refusal.byte_offset,
        byte_length=refusal.byte_length,
    )


def of_file(refused: FileRefused, name: str) -> Quarantined:
    """Return the quarantine row of a refused file."""
    return Quarantined(
        resource_type="file",
        refusal_class=refused.refusal_class,
        locator=name,
        stage="receive",
        message=refused.message,
    )
