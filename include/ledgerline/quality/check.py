"""A check and its result: what was asked, of what weight, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Which data a check looks at."""

    SOURCES = "sources"
    CANDIDATES = "candidates"


class Engine(StrEnum):
    """Who evaluates a check."""

    DBT = "dbt"
    GX = "gx"
    CONTROL = "control"


class Severity(StrEnum):
    """What a failure does.

    Block stops publication and posting, hold stops one facility, warn is reported.
    """

    BLOCK = "block"
    HOLD = "hold"
    WARN = "warn"


class Status(StrEnum):
    """How a check ended; an error is a check that could not be evaluated."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, order=True)
class CheckId:
    """What identifies a check from run to run."""

    engine: Engine
    suite: str
    name: str

    def __str__(self) -> str:
        """Show engine, suite and name, separated by slashes."""
        return f"{self.engine}/{self.suite}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One evaluated check.

    `observed` and `expected` hold counts, totals and codes of our own configuration,
    never a value of a record. `scope_facility` is the facility that a failed hold
    check concerns.
    """

    check: CheckId
    stage: Stage
    severity: Severity
    status: Status
    observed: str = ""
    expected: str = ""
    scope_facility: str | None = None
    failed_count: int | None = None

    @property
    def subject(self) -> str:
        """How a request names the check, and the facility that it concerns."""
        facility = f"@{self.scope_facility}" if self.scope_facility else ""
        return f"{self.check}{facility}"

    @property
    def passed(self) -> bool:
        """Whether nothing was found against the data."""
        return self.status is Status.PASS


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """What one source brought so far.

    `landed` and `quarantined` count distinct records by type; quarantined ones are
    still open. `newest_batch` is its status, empty when the source never ran;
    `miscounted` counts files and sets that hold another number than was stated;
    `drifted_files` files with other columns than agreed; `unknown_properties` names
    what landed beyond the contracts.
    """

    source: str
    newest_batch: str = ""
    complete_batches: int = 0
    unbalanced_batches: int = 0
    miscounted: tuple[tuple[str, int], ...] = ()
    drifted_files: int = 0
    unknown_properties: tuple[str, ...] = ()
    landed: tuple[tuple[str, int], ...] = ()
    quarantined: tuple[tuple[str, int], ...] = ()

    @property
    def landed_count(self) -> int:
        """Records of any type that landed."""
        return sum(count for _, count in self.landed)
