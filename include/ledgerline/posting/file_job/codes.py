"""The codes file: what an ERP that takes files has, as its own job wrote it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.posting.port import Kind, MasterData, Period


class CodesUnreadable(SourceUnavailable):
    """The codes file of an ERP that takes files is not whole, or of another form."""

    code = "ERP_CODES_UNREADABLE"


def read(path: Path) -> MasterData:
    """Read the file; without one the ERP tells nothing, and nothing is checked."""
    try:
        return parse(path.read_bytes())
    except FileNotFoundError:
        return MasterData()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CodesUnreadable(
            f"{path.name} in the drop folder cannot be read as a codes file; have the "
            "ERP's job write it again, whole"
        ) from error


def parse(text: bytes | str) -> MasterData:
    """Return what the text of a codes file says; raise if it is of another form."""
    told = json.loads(text)
    periods = told.pop("period", [])
    return MasterData(
        codes={Kind(kind): frozenset(_texts(told[kind])) for kind in told},
        periods=tuple(_period(each) for each in periods),
    )


def _texts(codes: list[str]) -> list[str]:
    if not isinstance(codes, list) or not all(isinstance(each, str) for each in codes):
        raise TypeError
    return codes


def _period(told: dict[str, str | bool]) -> Period:
    return Period(
        first_day=date.fromisoformat(str(told["first_day"])),
        last_day=date.fromisoformat(str(told["last_day"])),
        is_open=told["is_open"] is True,
    )
