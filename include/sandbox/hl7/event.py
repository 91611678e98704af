"""One event of the interface engine, before it is numbered and sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.hl7.wire import ENCODING_CHARACTERS, segment, stamp, style
from sandbox.network.facilities import Facility

STRUCTURES = {
    **dict.fromkeys(("A01", "A04", "A08"), "ADT_A01"),
    **{"A28": "ADT_A05", "A31": "ADT_A05", "A40": "ADT_A39"},
    **{"A02": "ADT_A02", "A03": "ADT_A03", "A11": "ADT_A09", "A13": "ADT_A01"},
    **{"P03": "DFT_P03"},
    **dict.fromkeys(("S12", "S13", "S15", "S26"), "SIU_S12"),
}
RECEIVER = "LEDGERLINE", "NETWORK"


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened when, when it was told, and how long it was under way."""

    facility: Facility
    code: str  # ADT, DFT or SIU
    trigger: str
    happened_at: datetime
    sent_at: datetime
    subject: str  # what orders events of one moment
    segments: tuple[str, ...]
    delay: timedelta = timedelta()

    @property
    def arrives_at(self) -> datetime:
        """When it arrives: at once, but for a few."""
        return self.sent_at + self.delay

    def numbered(self, sequence: int) -> list[str]:
        """Return the segments of the message under its number."""
        now = stamp(self.facility, self.sent_at)
        told = style(self.facility)
        kind = f"{self.code}^{self.trigger}"
        if told.has_structure:
            kind = f"{kind}^{STRUCTURES[self.trigger]}"
        head = segment(
            "MSH",
            {
                1: ENCODING_CHARACTERS,
                2: told.application,
                3: self.facility.code,
                **{4: RECEIVER[0], 5: RECEIVER[1], 6: now, 8: kind},
                9: f"{sequence:08d}",
                **{10: "P", 11: told.version, 12: str(sequence)},
                17: told.character_set,
            },
        )
        if self.code == "SIU":
            return [head, *self.segments]
        happened = stamp(self.facility, self.happened_at)
        first = segment("EVN", {1: self.trigger, 2: now, 6: happened})
        return [head, first, *self.segments]
