"""What a landing came to, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ledgerline.canonical.errors import Fatal


class EquationBroken(Fatal):
    """Records went missing between the file and the table; nothing was committed."""

    code = "LANDING_EQUATION"


@dataclass(frozen=True, kw_only=True)
class Counts:
    """received = landed + quarantined + duplicate; a refused file or set counts 1."""

    received: int = 0
    landed: int = 0
    quarantined: int = 0
    duplicate: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that do not add up."""
        if self.received != self.landed + self.quarantined + self.duplicate:
            raise EquationBroken(
                f"{self.received} records received are not {self.landed} landed, "
                f"{self.quarantined} quarantined and {self.duplicate} duplicate; "
                "nothing was kept, report this with the file"
            )


@dataclass(frozen=True, kw_only=True)
class LandingReport:
    """One landing of one source.

    `files` counts the files seen; `by_type` the landed records by resource type,
    `by_class` the quarantined ones by class; `skipped` names files that hold no
    records, such as manifests.
    """

    source: str
    batch_id: int
    received: int
    landed: int
    quarantined: int
    duplicate: int
    files: int
    by_type: Mapping[str, int]
    by_class: Mapping[str, int]
    skipped: tuple[str, ...]


@dataclass(kw_only=True)
class Tally:
    """The running sums of a landing; `refused_types` had records refused."""

    received: int = 0
    landed: int = 0
    quarantined: int = 0
    duplicate: int = 0
    files: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    by_class: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)
    refused_files: int = 0
    refused_types: set[str] = field(default_factory=set)

    def add(self, counts: Counts) -> None:
        """Add one file's counts."""
        self.files += 1
        self.received += counts.received
        self.landed += counts.landed
        self.quarantined += counts.quarantined
        self.duplicate += counts.duplicate

    def report(self, source: str, batch_id: int) -> LandingReport:
        """Freeze the sums."""
        return LandingReport(
            source=source,
            batch_id=batch_id,
            received=self.received,
            landed=self.landed,
            quarantined=self.quarantined,
            duplicate=self.duplicate,
            files=self.files,
            by_type=dict(sorted(self.by_type.items())),
            by_class=dict(sorted(self.by_class.items())),
            skipped=tuple(self.skipped),
        )
